import type { BasicAuth } from "../../upgrade/basic_auth.ts";
import { spawn } from "./_run.ts";

/** What a tinyproxy is told. */
export interface TinyproxyOptions {
  /** The ports that tunnels may lead to. */
  readonly connectPorts: readonly number[];
  /** Whom it lets through; ASCII letters and digits. Default: everybody. */
  readonly basicAuth?: BasicAuth;
}

// It says this when it listens.
const READY = "Accepting connections";
// Somebody may take a port that was free, but not so often.
const MOST_ATTEMPTS = 5;

/**
 * Runs a test against a real tinyproxy on a free port of 127.0.0.1. The process is
 * ended in any case.
 */
export async function withTinyproxy(
  options: TinyproxyOptions,
  test: (port: number) => Promise<void>,
): Promise<void> {
  let log = "";
  for (let i = 0; i < MOST_ATTEMPTS; i++) {
    const port = findFreePort();
    await using tinyproxy = await Tinyproxy.start(port, options);
    log = await tinyproxy.readUntilReady();
    if (log.includes(READY)) return await test(port);
  }
  throw new Error(`tinyproxy does not listen: ${log}`);
}

/** A port that is free now; tinyproxy cannot choose one itself. */
function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

class Tinyproxy implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #config: string;
  readonly #log: ReadableStreamDefaultReader<string>;
  // It must not wait for somebody who takes what it says.
  readonly #errors: Promise<string>;
  #drained: Promise<void> = Promise.resolve();

  private constructor(config: string) {
    this.#config = config;
    this.#child = spawn("tinyproxy", ["-d", "-c", config], "null");
    this.#log = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#errors = new Response(this.#child.stderr).text();
  }

  static async start(
    port: number,
    { connectPorts, basicAuth }: TinyproxyOptions,
  ): Promise<Tinyproxy> {
    const config = await Deno.makeTempFile();
    const lines = [
      "Listen 127.0.0.1",
      `Port ${port}`,
      "LogLevel Info",
      ...connectPorts.map((connectPort) => `ConnectPort ${connectPort}`),
    ];
    if (basicAuth !== undefined) {
      lines.push(`BasicAuth ${basicAuth.username} ${basicAuth.password}`);
    }
    await Deno.writeTextFile(config, lines.join("\n") + "\n");
    try {
      return new Tinyproxy(config);
    } catch (error) {
      await Deno.remove(config);
      throw error;
    }
  }

  /** Waits until it listens, or has ended; gives what it has said until then. */
  async readUntilReady(): Promise<string> {
    let said = "";
    while (!said.includes(READY)) {
      const { value, done } = await this.#log.read();
      if (done) return said + await this.#errors;
      said += value;
    }
    this.#drained = this.#drain();
    return said;
  }

  async #drain(): Promise<void> {
    while (!(await this.#log.read()).done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await Promise.all([this.#child.status, this.#errors, this.#drained]);
    await Deno.remove(this.#config);
  }
}
