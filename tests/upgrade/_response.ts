import { assert, assertEquals, assertMatch } from "@std/assert";
import { type RawSocket, textOf } from "../_raw_socket.ts";

/** A response as it came, read strictly. */
export interface RawResponse {
  /** The status. */
  readonly status: number;
  /** The status line and the field lines. */
  readonly head: string;
  /** The values of all lines with that name, which is in lower case. */
  values(name: string): string[];
  /** The body without its framing, one character a byte. */
  readonly body: string;
  /** The chunks, if the body came in chunks. */
  readonly chunks?: readonly string[];
}

/** Reads one response; `method` is that of its request, GET by default. */
export async function readResponse(
  socket: RawSocket,
  method = "GET",
): Promise<RawResponse> {
  const head = await socket.readUntil("\r\n\r\n");
  const [statusLine = "", ...lines] = head.slice(0, -4).split("\r\n");
  assertMatch(statusLine, /^HTTP\/1\.1 \d{3} [\t\x20-\x7e]*$/);
  const status = Number(statusLine.slice(9, 12));
  const fields = lines.map((line) => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+): (.*)$/.exec(line) ?? [];
    assert(name !== undefined && value !== undefined, `No field: ${line}`);
    return [name.toLowerCase(), value] as const;
  });
  const values = (name: string) =>
    fields.filter((field) => field[0] === name).map((field) => field[1]);
  const body = await readBody(socket, { status, method, values });
  return { status, head, values, ...body };
}

async function readBody(
  socket: RawSocket,
  { status, method, values }: {
    status: number;
    method: string;
    values: (name: string) => string[];
  },
): Promise<{ body: string; chunks?: string[] }> {
  const lengths = values("content-length");
  const codings = values("transfer-encoding");
  assert(lengths.length + codings.length <= 1, "Framed twice");
  if (
    status < 200 || status === 204 || status === 304 || method === "HEAD"
  ) return { body: "" };
  if (codings.length > 0) {
    assertEquals(codings, ["chunked"]);
    const chunks = await readChunks(socket);
    return { body: chunks.join(""), chunks };
  }
  if (lengths.length === 0) return { body: await socket.readTextToEnd() };
  assertMatch(lengths[0]!, /^\d+$/);
  return { body: textOf(await socket.readExactly(Number(lengths[0]))) };
}

async function readChunks(socket: RawSocket): Promise<string[]> {
  const chunks: string[] = [];
  for (;;) {
    const line = await socket.readUntil("\r\n");
    assertMatch(line, /^[0-9a-f]+\r\n$/);
    const size = parseInt(line, 16);
    const chunk = textOf(await socket.readExactly(size + 2));
    assert(chunk.endsWith("\r\n"), "A chunk is longer than its size");
    if (size === 0) return chunks;
    chunks.push(chunk.slice(0, -2));
  }
}

/** Fails unless the peer has ended its sending direction with nothing more. */
export async function assertEnds(socket: RawSocket): Promise<void> {
  assertEquals(await socket.readTextToEnd(), "");
}
