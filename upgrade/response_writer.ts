import {
  CHUNK_END,
  encodeChunk,
  encodeChunkHeader,
  encodeResponseHead,
  httpDate,
  LAST_CHUNK,
  parseTokenList,
  type RequestHead,
} from "./http1/mod.ts";
import { nextTurn } from "./_turn.ts";

// Up to this size, what belongs together is copied together for one write.
const COPIED_BYTES = 0x10000;
// How often a body may defer before it counts as one that is still being made.
// A body that was given as a string or as bytes is complete before that.
const PATIENCE = 8;
const NOTHING = new Uint8Array(0);

/** Writes all of `bytes` to the client. */
export type Write = (bytes: Uint8Array) => Promise<void>;

type Body = ReadableStreamDefaultReader<Uint8Array>;
type Read = Promise<ReadableStreamReadResult<Uint8Array>>;

interface Fields {
  readonly lines: [name: string, value: string][];
  readonly connection: string[];
  contentLength: string | undefined;
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
  { request, keepAlive, onBody }: {
    readonly request: RequestHead;
    readonly keepAlive: boolean;
    /** Gets what cancels the body, for when the client leaves. */
    readonly onBody?: (cancel: (reason: unknown) => void) => void;
  },
): Promise<boolean> {
  const fields = readFields(response);
  const stays = keepAlive && !fields.connection.includes("close");
  const body = mayHaveBody(request, response)
    ? response.body?.getReader()
    : undefined;
  if (body !== undefined) {
    onBody?.((reason) => void body.cancel(reason).catch(() => {}));
  }
  try {
    if (body === undefined) {
      await write(encodeBodyless(response, fields, { request, stays }));
      await response.body?.cancel();
      return stays;
    }
    return await writeWithBody(write, body, {
      response,
      fields,
      request,
      stays,
    });
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
  return encodeHead(response, fields);
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
  for (const line of response.headers) {
    const [name, value] = line;
    switch (name) {
      case "connection":
        fields.connection.push(
          ...(parseTokenList([value]) ?? []).filter((option) =>
            option !== "keep-alive"
          ),
        );
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
        fields.lines.push(line);
        break;
      default:
        fields.lines.push(line);
    }
  }
  if (!dated) fields.lines.push(["date", httpDate(Date.now())]);
  return fields;
}

function encodeBodyless(
  response: Response,
  fields: Fields,
  { request, stays }: { request: RequestHead; stays: boolean },
): Uint8Array {
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
  return encodeHead(response, fields);
}

async function writeWithBody(
  write: Write,
  body: Body,
  { response, fields, request, stays }: {
    response: Response;
    fields: Fields;
    request: RequestHead;
    stays: boolean;
  },
): Promise<boolean> {
  let next = readAhead(body);
  let first: Uint8Array = NOTHING;
  // The head waits for the first piece only if that comes at once: a client
  // wants to know early that a stream of events has begun.
  if (fields.contentLength !== undefined || await isReady(next)) {
    const { done, value } = await next;
    if (!done) first = bytesOf(value);
    next = readAhead(body);
    if (fields.contentLength === undefined && await isOver(next)) {
      fields.contentLength = `${first.length}`;
    }
  }
  const length = declaredLength(fields);
  const chunked = length === undefined && request.version === "HTTP/1.1";
  // Without a length or chunks, only the end of the connection ends the body.
  const reusable = stays && (chunked || length !== undefined);
  if (chunked) fields.lines.push(["transfer-encoding", "chunked"]);
  keep(fields, { request, stays: reusable });
  const head = encodeHead(response, fields);

  let left = length ?? Infinity;
  const frame = (data: Uint8Array) => {
    left -= data.length;
    if (left < 0) {
      throw new TypeError("The body is longer than its Content-Length");
    }
    return chunked ? chunksOf(data) : [data];
  };
  await writeTogether(write, [head, ...frame(first)]);
  for (;;) {
    const { done, value } = await next;
    if (done) break;
    next = readAhead(body);
    await writeTogether(write, frame(bytesOf(value)));
  }
  if (left > 0 && length !== undefined) {
    throw new TypeError("The body is shorter than its Content-Length");
  }
  if (chunked) await write(LAST_CHUNK);
  return reusable;
}

/** Reads the next piece before anybody is there to await it. */
function readAhead(body: Body): Read {
  const next = body.read();
  next.catch(() => {});
  return next;
}

/** Whether a read is over, at the latest in the next turn of the event loop. */
async function isReady(next: Read): Promise<boolean> {
  let ready = false;
  const settle = () => {
    ready = true;
  };
  next.then(settle, settle);
  for (let i = 0; i < PATIENCE && !ready; i++) await null;
  if (!ready) await nextTurn();
  return ready;
}

/** Whether a read is known to find the end, without waiting for anything. */
async function isOver(next: Read): Promise<boolean> {
  let over: boolean | undefined;
  next.then(({ done }) => over = done, () => over = false);
  for (let i = 0; i < PATIENCE && over === undefined; i++) await null;
  return over === true;
}

function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
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

function encodeHead(response: Response, fields: Fields): Uint8Array {
  const { lines, connection, contentLength } = fields;
  if (contentLength !== undefined) {
    lines.push(["content-length", contentLength]);
  }
  if (connection.length > 0) lines.push(["connection", connection.join(", ")]);
  const { status, statusText } = response;
  return encodeResponseHead({
    status,
    fields: lines,
    ...(statusText !== "" && { statusText }),
  });
}

function chunksOf(data: Uint8Array): Uint8Array[] {
  // An empty chunk would end the body.
  if (data.length === 0) return [];
  return data.length <= COPIED_BYTES
    ? [encodeChunk(data)]
    : [encodeChunkHeader(data.length), data, CHUNK_END];
}

async function writeTogether(write: Write, parts: Uint8Array[]): Promise<void> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.length > 1 && length <= COPIED_BYTES) {
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return await write(whole);
  }
  for (const part of parts) await write(part);
}
