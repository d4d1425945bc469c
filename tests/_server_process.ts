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

  /**
   * Starts the server and waits until it says where it listens. `paths` are what
   * it may read and write besides.
   */
  static async start(
    args: readonly string[] = ["--port", "0"],
    { env = {}, paths = [] }: {
      env?: Record<string, string>;
      paths?: readonly string[];
    } = {},
  ): Promise<ServerProcess> {
    const server = new ServerProcess(command(args, { env, paths }).spawn());
    while (!server.output.includes("\n")) {
      const { done, value } = await server.#stdout.read();
      if (done) throw new Error("The server ended before it listened");
      server.output += value;
    }
    return server;
  }

  /** The address it has printed. */
  get url(): URL {
    return new URL(/https?:\S+/.exec(this.output)![0]);
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

/** Runs `main.ts` to its end; `paths` are what it may use besides. */
export function runToEnd(
  args: readonly string[],
  paths: readonly string[] = [],
): Promise<Deno.CommandOutput> {
  return command(args, { paths, stderr: "piped" }).output();
}

function command(
  args: readonly string[],
  { env = {}, paths, stderr = "inherit" }: {
    env?: Record<string, string>;
    paths: readonly string[];
    stderr?: "piped" | "inherit";
  },
): Deno.Command {
  const [deno, ...start] = config.tasks.start.command.split(" ");
  const script = start.pop()!;
  const allowed = start.map((flag) =>
    flag.startsWith("--allow-read=") ? [flag, ...paths].join(",") : flag
  );
  if (paths.length > 0) allowed.push(`--allow-write=${paths.join(",")}`);
  return new Deno.Command(deno!, {
    args: [...allowed, script, ...args],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr,
  });
}
