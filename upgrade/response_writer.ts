import { lendBuffer, returnBuffer } from "./_buffer_pool.ts";
import { nextTurn } from "./_turn.ts";
import {
  CHUNK_END,
  encodeLatin1,
  formatChunkHeader,
  formatResponseHead,
  httpDate,
  LAST_CHUNK,
  parseTokenList,
  type RequestHead,
} from "./http1/mod.ts";

// Up to this size, what belongs together is copied together for one write.
const COPIED_BYTES = 0x10000;
// How often a body may defer before it counts as one that is still being made.
// A body that was given as a string or as bytes is complete before that.
const PATIENCE = 8;
const NOTHING = new Uint8Array(0);

/** Writes all of `bytes` to the client, which may change when it has resolved. */
export type Write = (bytes: Uint8Array) => Promise<void>;

type Body = ReadableStreamDefaultReader<Uint8Array>;
type Piece = ReadableStreamReadResult<Uint8Array>;

interface Fields {
  readonly lines: [name: string, value: string][];
  readonly connection: string[];
  contentLength: string | undefined;
}

/** What decides how a response is sent. */
export interface ResponseContext {
  /** The request that it answers. */
  readonly request: RequestHead;
  /** Whether the connection may serve a further request. */
  readonly keepAlive: boolean;
  /** Gets what cancels the body, for when the client leaves. */
  readonly onBody?: (cancel: (reason: unknown) => void) => void;
}

/**
 * Writes a handler's response (RFC 9112 §6), and resolves to whether the
 * connection can be used again.
 *
 * A body of one piece goes out with a Content-Length, in one write with its
 * head; others are chunked, or end with the connection for HTTP/1.0.
 *
 * Rejects before anything was written when the response cannot be sent as it is,
 * and after that when its body fails: the connection then has to be cut.
 */
export async function writeResponse(
  write: Write,
  response: Response,
  { request, keepAlive, onBody }: ResponseContext,
): Promise<boolean> {
  let body: Body | undefined;
  try {
    const fields = readFields(response);
    const stays = keepAlive && !fields.connection.includes("close");
    if (!mayHaveBody(request, response) || response.body === null) {
      const head = bodylessHead(response, fields, { request, stays });
      await writeTogether(write, head, []);
      await response.body?.cancel();
      return stays;
    }
    const reader = body = response.body.getReader();
    onBody?.((reason) => void reader.cancel(reason).catch(() => {}));

    // The head waits for the first piece only if that comes at once: a client
    // wants to know early that a stream of events has begun.
    let next = new NextPiece(reader);
    for (let i = 0; i < PATIENCE && !next.isHere; i++) await null;
    if (!next.isHere) await nextTurn();
    let first = NOTHING;
    if (next.isHere || fields.contentLength !== undefined) {
      const { done, value } = next.piece ?? await next.read;
      if (!done) first = bytesOf(value);
      next = new NextPiece(reader);
      if (fields.contentLength === undefined) {
        for (let i = 0; i < PATIENCE && !next.isHere; i++) await null;
        if (next.piece?.done) fields.contentLength = `${first.length}`;
      }
    }
    const length = declaredLength(fields);
    const chunked = length === undefined && request.version === "HTTP/1.1";
    // Without a length or chunks, only the end of the connection ends the body.
    const reusable = stays && (chunked || length !== undefined);
    if (chunked) fields.lines.push(["transfer-encoding", "chunked"]);
    keep(fields, { request, stays: reusable });

    let left = length ?? Infinity;
    let head = formatHead(response, fields);
    for (let data = first;;) {
      left -= data.length;
      if (left < 0) {
        throw new TypeError("The body is longer than its Content-Length");
      }
      // An empty chunk would end the body.
      if (chunked && data.length > 0) {
        const text = head + formatChunkHeader(data.length);
        await writeTogether(write, text, [data, CHUNK_END]);
      } else await writeTogether(write, head, [data]);
      head = "";
      const { done, value } = next.piece ?? await next.read;
      if (done) break;
      data = bytesOf(value);
      next = new NextPiece(reader);
    }
    if (left > 0 && length !== undefined) {
      throw new TypeError("The body is shorter than its Content-Length");
    }
    if (chunked) await write(LAST_CHUNK);
    return reusable;
  } catch (error) {
    const dropped = body?.cancel(error) ?? response.body?.cancel(error);
    dropped?.catch(() => {});
    throw error;
  }
}

/** Makes the head of the response that switches protocols: 101, or to CONNECT. */
export function encodeSwitchingHead(response: Response): Uint8Array {
  const fields = readFields(response);
  // RFC 9110 §9.3.6: no Content-Length in a 2xx response to CONNECT.
  fields.contentLength = undefined;
  // RFC 9110 §7.8: whoever sends Upgrade lists it in Connection.
  if (response.status === 101 && !fields.connection.includes("upgrade")) {
    fields.connection.push("upgrade");
  }
  return encodeText(formatHead(response, fields));
}

/** The next piece of a body, read ahead, before anybody is there to await it. */
class NextPiece {
  /** The read. */
  readonly read: Promise<Piece>;
  /** What was read, as soon as it has been. */
  piece: Piece | undefined;
  /** Whether the read is over, or has failed. */
  isHere = false;

  constructor(body: Body) {
    this.read = body.read();
    this.read.then((piece) => {
      this.piece = piece;
      this.isHere = true;
    }, () => {
      this.isHere = true;
    });
  }
}

// RFC 9110 §6.4.1.
function mayHaveBody(request: RequestHead, { status }: Response): boolean {
  return request.method !== "HEAD" && status !== 204 && status !== 304;
}

function readFields(response: Response): Fields {
  const fields: Fields = {
    lines: [],
    connection: [],
    contentLength: undefined,
  };
  let dated = false;
  response.headers.forEach((value, name) => {
    switch (name) {
      case "connection":
        for (const option of parseTokenList([value]) ?? []) {
          if (option !== "keep-alive") fields.connection.push(option);
        }
        break;
      case "content-length":
        fields.contentLength = value;
        break;
      // How the connection frames and keeps itself is not the handler's to say,
      // but that it ends.
      case "keep-alive":
      case "transfer-encoding":
        break;
      case "date":
        dated = true;
        fields.lines.push([name, value]);
        break;
      default:
        fields.lines.push([name, value]);
    }
  });
  if (!dated) fields.lines.push(["date", httpDate(Date.now())]);
  return fields;
}

function bodylessHead(
  response: Response,
  fields: Fields,
  { request, stays }: { request: RequestHead; stays: boolean },
): string {
  const { status } = response;
  // RFC 9110 §8.6: never in 204; what GET would have had in HEAD and 304.
  if (status === 204) fields.contentLength = undefined;
  else if (mayHaveBody(request, response)) {
    if ((fields.contentLength ?? "0") !== "0") {
      throw new TypeError("Cannot respond: Content-Length without a body");
    }
    fields.contentLength = "0";
  } else declaredLength(fields);
  keep(fields, { request, stays });
  return formatHead(response, fields);
}

function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (piece instanceof Uint8Array) return piece as Uint8Array<ArrayBuffer>;
  throw new TypeError("Cannot respond: the body has a piece that is no bytes");
}

/** The length that the handler says the body has, if it says one. */
function declaredLength({ contentLength }: Fields): number | undefined {
  if (contentLength === undefined) return undefined;
  const length = /^\d+$/.test(contentLength) ? Number(contentLength) : NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new TypeError("Cannot respond: Content-Length is not a whole number");
}

// RFC 9112 §9.3: what the version does not say by itself.
function keep(
  fields: Fields,
  { request, stays }: { request: RequestHead; stays: boolean },
): void {
  const { connection } = fields;
  if (!stays) {
    if (!connection.includes("close")) connection.push("close");
  } else if (request.version === "HTTP/1.0") connection.push("keep-alive");
}

function formatHead(response: Response, fields: Fields): string {
  const { lines, connection, contentLength } = fields;
  if (contentLength !== undefined) {
    lines.push(["content-length", contentLength]);
  }
  if (connection.length > 0) lines.push(["connection", connection.join(", ")]);
  const { status, statusText } = response;
  return formatResponseHead({
    status,
    fields: lines,
    ...(statusText !== "" && { statusText }),
  });
}

function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  encodeLatin1(text, bytes);
  return bytes;
}

/** Writes text, one byte a character, and what comes after it. */
async function writeTogether(
  write: Write,
  text: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  let length = text.length;
  for (const part of parts) length += part.length;
  if (length === 0) return;
  if (length > COPIED_BYTES || text === "" && parts.length === 1) {
    if (text !== "") await write(encodeText(text));
    for (const part of parts) await write(part);
    return;
  }
  const room = lendBuffer(length);
  encodeLatin1(text, room);
  let at = text.length;
  for (const part of parts) {
    room.set(part, at);
    at += part.length;
  }
  await write(room.subarray(0, length));
  returnBuffer(room);
}
