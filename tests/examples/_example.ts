import { assert } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** How long an example may run, in milliseconds. */
const TIME_LIMIT = 30_000;

/** A row of the index: a file, and the command that runs it. */
export interface IndexRow {
  /** The name of the file. */
  readonly file: string;
  /** What a person types to run it. */
  readonly command: string;
}

/** Reads the table of examples/README.md. */
export async function readIndex(): Promise<IndexRow[]> {
  const page = await Deno.readTextFile(new URL("examples/README.md", ROOT));
  const rows = page.matchAll(/^\| \[(.+?)\]\((.+?)\).*\| `(.+?)` +\|$/gm);
  return Array.from(rows, ([, name, file, command]) => {
    assert(name === file, `${name} leads to ${file}`);
    return { file: file!, command: command! };
  });
}

/** One example as a process of its own, run by its command of the index. */
export class Example implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #timer: ReturnType<typeof setTimeout>;
  /** What it has printed so far. */
  output = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#stdout = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#timer = setTimeout(() => this.#kill(), TIME_LIMIT);
  }

  /** Runs the command of a file with further arguments. */
  static async start(file: string, ...args: string[]): Promise<Example> {
    const row = (await readIndex()).find((row) => row.file === file);
    assert(row !== undefined, `${file} is not in the index`);
    const [deno, ...words] = row.command.replaceAll('"', "").split(" ");
    const command = new Deno.Command(deno!, {
      args: [...words, ...args],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
    });
    return new Example(command.spawn());
  }

  /** Runs the command of a server on a free port. */
  static serve(file: string, ...args: string[]): Promise<Example> {
    return Example.start(file, "--port", "0", ...args);
  }

  /** Runs a file to its end, which has to be a good one; gives what it printed. */
  static async run(file: string, ...args: string[]): Promise<string> {
    await using example = await Example.start(file, ...args);
    const { success } = await example.#end();
    assert(success, `${file} failed; it printed ${example.output}`);
    return example.output;
  }

  /** Waits until it has printed something. */
  async printed(pattern: string | RegExp): Promise<void> {
    while (this.output.search(pattern) < 0) {
      const { done, value } = await this.#stdout.read();
      if (done) throw new Error(`It ended before ${pattern}: ${this.output}`);
      this.output += value;
    }
  }

  /** Waits until it says where it listens; gives the port. */
  async port(): Promise<number> {
    await this.printed(/(:|port )\d+\/?\n/);
    return Number(/(?::|port )(\d+)\/?\n/.exec(this.output)![1]);
  }

  /** Ends it, if it runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#end();
    clearTimeout(this.#timer);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }

  async #end(): Promise<Deno.CommandStatus> {
    for (;;) {
      const { done, value } = await this.#stdout.read();
      if (done) break;
      this.output += value;
    }
    return await this.#child.status;
  }
}
