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
   * Starts the server and waits until it says where it listens. It keeps
   * everything in memory, or in the folder `data`; `paths` are what it may read
   * and write besides.
   */
  static async start(
    args: readonly string[] = ["--port", "0"],
    options: ProcessOptions = {},
  ): Promise<ServerProcess> {
    const server = new ServerProcess(command(args, options).spawn());
    await server.printed(/\n/);
    return server;
  }

  /**
   * Lets it write files of so many bytes and no more, as a disk that is full
   * does; only one that was started with `errors`.
   */
  async limitFiles(bytes: number | "unlimited"): Promise<void> {
    const { success } = await new Deno.Command("bash", {
      // From util-linux.
      args: ["-c", `prlimit --pid ${this.#child.pid} --fsize=${bytes}:`],
    }).output();
    if (!success) throw new Error("The server cannot be limited");
  }

  /** Waits until it has printed something. */
  async printed(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.output)) {
      const { done, value } = await this.#stdout.read();
      if (done) throw new Error(`The server has not printed ${wanted}`);
      this.output += value;
    }
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

/** Runs `main.ts` to its end, with the same options. */
export async function runToEnd(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = command(args, { ...options, stderr: "piped" });
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** Runs a task that is `main.ts`, as it stands in `deno.json`, to its end. */
export async function runTask(
  task: "backup" | "export" | "import",
  args: readonly string[],
  { stdin = "" }: { readonly stdin?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [deno, ...rest] = words(config.tasks[task].command);
  const child = new Deno.Command(deno!, {
    args: [...rest, ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = ReadableStream.from([new TextEncoder().encode(stdin)])
    .pipeTo(child.stdin).catch(() => {
      // It has ended without reading all.
    });
  const { code, stdout, stderr } = await child.output();
  await input;
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** What a process of {@linkcode ServerProcess} gets. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What it may read and write besides. */
  readonly paths?: readonly string[];
  /** The folder of what it keeps. Default: none, it keeps all in memory. */
  readonly data?: string;
  /** The file that its standard error is written to. Default: that of the test. */
  readonly errors?: string;
}

function command(
  args: readonly string[],
  { env = {}, paths = [], data, errors, stderr = "inherit" }: ProcessOptions & {
    readonly stderr?: "piped" | "inherit";
  },
): Deno.Command {
  const [deno = "", ...start] = words(config.tasks.start.command);
  const script = start.pop()!;
  const allowed = start.map((flag) =>
    /^--allow-(?:read|write)=/.test(flag)
      ? [flag, ...paths, ...data === undefined ? [] : [data]].join(",")
      : flag
  );
  // A file that grows too large is an error for it, not its end.
  const wrapper = errors === undefined
    ? []
    : ["bash", "-c", 'trap "" XFSZ; exec "$@" 2> "$0"', errors];
  const [program = "", ...rest] = [
    ...wrapper,
    ...[deno, ...allowed, script, ...args],
  ];
  return new Deno.Command(program, {
    args: rest,
    cwd: ROOT,
    env: {
      ...data === undefined
        ? { SWITCHBOARD_MEMORY: "true" }
        : { SWITCHBOARD_DATA: data },
      ...env,
    },
    stdout: "piped",
    stderr,
  });
}

/** The words of a task, some of them between quotes. */
function words(task: string): string[] {
  return [...task.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) =>
    quoted ?? word
  );
}
