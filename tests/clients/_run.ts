/** How a client program has ended. */
export interface Ended<T> {
  /** Its exit code. */
  readonly code: number;
  /** What was made of its output. */
  readonly output: T;
  /** What it wrote besides. */
  readonly errors: string;
}

/** What a program that is run is given, and what becomes of its output. */
export interface RunOptions<T> {
  /** Its input. Default: none. */
  readonly input?: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads its output. */
  readonly read: (output: ReadableStream<Uint8Array>) => Promise<T>;
}

// Where it is not Debian's package of the same name.
const INSTALLATIONS: Readonly<Record<string, string>> = {
  bun: "npm install -g bun",
  nghttp: "Debian: apt-get install nghttp2-client",
  node: "Debian: apt-get install nodejs",
  tinyproxy: "Debian: apt-get install tinyproxy-bin",
};

/** Runs a program to its end. Throws, and says what to do, if there is none. */
export async function run<T>(
  program: string,
  args: readonly string[],
  { input, read }: RunOptions<T>,
): Promise<Ended<T>> {
  const child = spawn(program, args, input === undefined ? "null" : "piped");
  const [{ code }, output, errors] = await Promise.all([
    child.status,
    read(child.stdout),
    new Response(child.stderr).text(),
    input?.pipeTo(child.stdin),
  ]);
  return { code, output, errors };
}

/** Reads an output as text. */
export function readText(output: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(output as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

/** Starts a program. Throws, and says what to do, if there is none. */
export function spawn(
  program: string,
  args: readonly string[],
  stdin: "null" | "piped",
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    const name = program.slice(program.lastIndexOf("/") + 1);
    const how = INSTALLATIONS[name] ?? `Debian: apt-get install ${name}`;
    throw new Error(`There is no ${program}. Install it (${how})`, { cause });
  }
}
