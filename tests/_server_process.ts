import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);

/** `main.ts` as a process of its own, with the permissions of its task. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  /** What the server has printed so far. */
  output = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#stdout = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Starts the server and waits until it says where it listens. */
  static async start(
    args: readonly string[] = ["--port", "0"],
    env: Record<string, string> = {},
  ): Promise<ServerProcess> {
    const server = new ServerProcess(command(args, env).spawn());
    while (!server.output.includes("\n")) {
      const { done, value } = await server.#stdout.read();
      if (done) throw new Error("The server ended before it listened");
      server.output += value;
    }
    return server;
  }

  /** The address it has printed. */
  get url(): URL {
    return new URL(/http:\S+/.exec(this.output)![0]);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: Deno.Signal): Promise<number> {
    this.#child.kill(signal);
    return await this.ended();
  }

  /** Waits for the end; resolves to the exit code. */
  async ended(): Promise<number> {
    for (;;) {
      const { done, value } = await this.#stdout.read();
      if (done) break;
      this.output += value;
    }
    return (await this.#child.status).code;
  }

  /** Ends it, if it runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}

/** Runs `main.ts` to its end. */
export function runToEnd(
  args: readonly string[],
): Promise<Deno.CommandOutput> {
  return command(args, {}, "piped").output();
}

function command(
  args: readonly string[],
  env: Record<string, string>,
  stderr: "piped" | "inherit" = "inherit",
): Deno.Command {
  const [deno, ...start] = config.tasks.start.command.split(" ");
  return new Deno.Command(deno!, {
    args: [...start, ...args],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr,
  });
}
