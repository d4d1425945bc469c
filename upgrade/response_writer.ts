import { OutgoingBody } from "./_outgoing_body.ts";
import { nextTurn } from "./_turn.ts";
import { type ByteWriter, writeTogether } from "./_write_together.ts";
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

const NOTHING = new Uint8Array(0);

/** Where a response goes. */
export interface ResponseTarget extends ByteWriter {
  /** The head of the request that it answers. */
  readonly head: RequestHead;
  /** The body that is being sent, to be cancelled when the client leaves. */
  responseBody: OutgoingBody | undefined;
}

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
  target: ResponseTarget,
  response: Response,
  { keepAlive }: { readonly keepAlive: boolean },
): Promise<boolean> {
  const { head: request } = target;
  const fields = readFields(response);
  const stays = keepAlive && !fields.connection.includes("close");
  if (!mayHaveBody(request, response) || response.body === null) {
    return await writeBodyless(target, response, { fields, stays });
  }
  const body = target.responseBody = new OutgoingBody(response.body);
  try {
    // The head waits for the first piece only if that comes at once: a client
    // wants to know early that a stream of events has begun.
    for (let i = 0; body.mayCome(i); i++) await null;
    if (!body.isHere) await nextTurn();
    let first = NOTHING;
    if (body.piece?.done === false) {
      first = bytesOf(body.piece.value);
      body.readOn();
      for (let i = 0; body.mayCome(i); i++) await null;
    }
    if (!body.piece?.done) {
      return await writeStream(target, {
        response,
        fields,
        stays,
        body,
        first,
      });
    }
    fields.contentLength ??= `${first.length}`;
    checkLength(declaredLength(fields)! - first.length, true);
    keep(fields, { request, stays });
    await writeTogether(target, formatHead(response, fields), [first]);
    return stays;
  } catch (error) {
    body.cancel(error);
    throw error;
  }
}

async function writeBodyless(
  target: ResponseTarget,
  response: Response,
  { fields, stays }: { fields: Fields; stays: boolean },
): Promise<boolean> {
  const { head: request } = target;
  const { status } = response;
  try {
    // RFC 9110 §8.6: never in 204; what GET would have had in HEAD and 304.
    if (status === 204) fields.contentLength = undefined;
    else if (mayHaveBody(request, response)) {
      fields.contentLength ??= "0";
      checkLength(declaredLength(fields)!, true);
    } else declaredLength(fields);
    keep(fields, { request, stays });
    await target.write(encodeText(formatHead(response, fields)));
  } finally {
    response.body?.cancel().catch(() => {});
  }
  return stays;
}

/** Writes a body of which more is to come than `first`. */
async function writeStream(
  target: ResponseTarget,
  { response, fields, stays, body, first }: {
    response: Response;
    fields: Fields;
    stays: boolean;
    body: OutgoingBody;
    first: Uint8Array;
  },
): Promise<boolean> {
  // What has failed by now is told by a response of its own.
  if (body.isHere && body.piece === undefined) await body.read;
  const { head: request } = target;
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
    checkLength(left, false);
    // An empty chunk would end the body.
    if (chunked && data.length > 0) {
      const text = head + formatChunkHeader(data.length);
      await writeTogether(target, text, [data, CHUNK_END]);
    } else await writeTogether(target, head, [data]);
    head = "";
    const { done, value } = body.piece ?? await body.read;
    if (done) break;
    data = bytesOf(value);
    body.readOn();
  }
  if (length !== undefined) checkLength(left, true);
  if (chunked) await target.write(LAST_CHUNK);
  return reusable;
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

/** A piece of a response's body, which has to be bytes. */
export function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (piece instanceof Uint8Array) return piece as Uint8Array<ArrayBuffer>;
  throw new TypeError("Cannot respond: the body has a piece that is no bytes");
}

/** The length that the handler says the body has, if it says one. */
export function declaredLength(
  { contentLength }: Pick<Fields, "contentLength">,
): number | undefined {
  if (contentLength === undefined) return undefined;
  const length = /^\d+$/.test(contentLength) ? Number(contentLength) : NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new TypeError("Cannot respond: Content-Length is not a whole number");
}

/** Throws when a body has more bytes than were declared, or ends with less. */
export function checkLength(left: number, isEnd: boolean): void {
  if (left < 0) {
    throw new TypeError("The body is longer than its Content-Length");
  }
  if (isEnd && left > 0) {
    throw new TypeError("The body is shorter than its Content-Length");
  }
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
