/**
 * A server as a process of its own, and what Linux tells of it.
 *
 * @module
 */

import type { Server } from "./servers.ts";

// The kernel counts CPU time in hundredths of a second for user space.
const US_PER_TICK = 10_000;
const READY_MS = 10_000;
const POLL_MS = 20;

/** How a server is started. */
export interface StartOptions {
  /** Whether it compresses messages. */
  readonly deflate: boolean;
  /** The core it runs on, all its threads; any if `undefined`. */
  readonly core: number | undefined;
}

/** A server that runs. */
export class ServerProcess {
  readonly #child: Deno.ChildProcess;
  /** The port it listens on. */
  readonly port: number;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /**
   * Starts a server, and waits until it takes connections. Throws an `Error`
   * when it ends instead, or takes longer than ten seconds.
   */
  static async start(
    server: Pick<Server, "command">,
    { deflate, core }: StartOptions,
  ): Promise<ServerProcess> {
    const port = freePort();
    const [program, ...args] = [
      ...(core === undefined ? [] : ["taskset", "-c", `${core}`]),
      ...server.command,
      "--port",
      `${port}`,
      ...(deflate ? ["--deflate"] : []),
    ];
    const child = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const process = new ServerProcess(child, port);
    try {
      await process.#ready();
      return process;
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The processor time it has used so far, in microseconds. */
  async cpuTime(): Promise<number> {
    const stat = await this.#readProc("stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
  }

  /** The memory that it has in use (its resident set), in KiB. */
  async memory(): Promise<number> {
    const status = await this.#readProc("status");
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]);
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
  }

  async #ready(): Promise<void> {
    let code: number | undefined;
    this.#child.status.then((status) => code = status.code);
    const end = performance.now() + READY_MS;
    while (performance.now() < end) {
      if (code !== undefined) throw new Error(`ended with code ${code}`);
      try {
        const { port } = this;
        return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error("did not start in time");
  }

  /** Reads what the kernel tells; `cat` may, without all rights. */
  async #readProc(file: string): Promise<string> {
    const args = [`/proc/${this.#child.pid}/${file}`];
    const { stdout } = await new Deno.Command("cat", { args }).output();
    return new TextDecoder().decode(stdout);
  }
}

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return listener.addr.port;
}
