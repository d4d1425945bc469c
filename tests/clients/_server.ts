import { assertEquals } from "@std/assert";
import { type Digest, patternStream } from "./_pattern.ts";

const PROGRAM = new URL("_program.ts", import.meta.url).pathname;
const TLS_FOLDER = new URL("../tls/", import.meta.url).pathname;

/** The ports that the program has printed. */
export interface Addresses {
  readonly http: number;
  readonly https: number;
}

/** What `/echo` has seen of a request. */
export interface Echo {
  readonly method: string;
  /** The path and the query. */
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The client's; `undefined` on the unix socket. */
  readonly port: number | undefined;
  readonly body: Digest;
}

/** How a download from `/endless` has ended: its request aborted. */
export interface Ending {
  /** The bytes that the stream had given until then. */
  readonly sent: number;
}

/** The server's resident memory since this was asked last, in bytes. */
export interface Memory {
  /** What it had most of the time or less, and the rest of the time or more. */
  readonly median: number;
  /** The most it had. */
  readonly peak: number;
}

/** A server in a process of its own. */
export class Server {
  /** Where it speaks HTTP, without a slash at the end. */
  readonly http: string;
  /** Where it speaks HTTP with TLS. */
  readonly https: string;
  /** The unix socket where it speaks HTTP. */
  readonly socket: string;
  readonly #folder: string;

  /** Knows where a server listens that serves a folder. */
  constructor({ http, https }: Addresses, folder: string) {
    this.http = `http://127.0.0.1:${http}`;
    this.https = `https://127.0.0.1:${https}`;
    this.socket = `${folder}/socket`;
    this.#folder = folder;
  }

  /** Makes a file of the pattern, served as `/files/NAME`; gives its path. */
  async makeFile(name: string, length: number): Promise<string> {
    await Deno.mkdir(this.path("files"), { recursive: true });
    const path = this.path(`files/${name}`);
    await Deno.writeFile(path, patternStream(length));
    return path;
  }

  /** The path of a file in the server's folder; what is in `files/` is served. */
  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Waits, up to 10 s, until the download of `/endless?id=ID` has ended. */
  async endingOf(id: string): Promise<Ending> {
    const response = await fetch(`${this.http}/ending?id=${id}`, {
      signal: AbortSignal.timeout(10_000),
    });
    return await response.json();
  }

  /** What memory the server has taken since this was called last. */
  async memory(): Promise<Memory> {
    const response = await fetch(`${this.http}/memory`, { method: "POST" });
    return await response.json();
  }
}

/**
 * Runs a test against a real server in a process of its own. Fails if the server
 * has reported an error, or if a connection is left at the end.
 */
export async function withServer(
  test: (server: Server) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "--allow-net",
      `--allow-read=${folder},${TLS_FOLDER}`,
      `--allow-write=${folder}`,
      PROGRAM,
      folder,
    ],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value } = await lines.read();
    if (value === undefined) throw new Error("The server has not started");
    await test(new Server(JSON.parse(value), folder));
  } finally {
    end(child);
    await lines.cancel();
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
  const { code } = await child.status;
  assertEquals(code, 0, "The server has complained: see what it has printed");
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended.
  }
}
