import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";

/** What a request over HTTP/2 is made of. */
export interface Http2Call {
  /** Its fields, `:path` and `:method` among them. Default: GET /. */
  readonly fields?: OutgoingHttpHeaders;
  /** Its body. Default: none. */
  readonly body?: Uint8Array;
}

/** An answer over HTTP/2. */
export interface Http2Answer {
  /** Its fields. */
  readonly fields: IncomingHttpHeaders & { readonly ":status"?: number };
  /** Its body. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** The interim answers before it. */
  readonly interim: readonly IncomingHttpHeaders[];
}

/** Runs a test with Node's client on one connection. */
export async function withHttp2(
  port: number,
  test: (session: ClientHttp2Session) => Promise<void>,
): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  const closed = new Promise<void>((resolve) => session.once("close", resolve));
  session.on("error", () => {});
  try {
    await test(session);
  } finally {
    session.destroy();
    await closed;
  }
}

/** Makes a request, and reads its answer to the end. */
export async function call(
  session: ClientHttp2Session,
  { fields = {}, body }: Http2Call = {},
): Promise<Http2Answer> {
  const stream = session.request(fields, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return await answerOf(stream);
}

/** Reads the answer on a stream to its end; rejects when it is reset. */
export async function answerOf(
  stream: ClientHttp2Stream,
): Promise<Http2Answer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const interim: IncomingHttpHeaders[] = [];
  let fields: IncomingHttpHeaders = {};
  stream.on("headers", (headers) => interim.push(headers));
  stream.on("response", (headers) => fields = headers);
  stream.on("data", (piece: Uint8Array<ArrayBuffer>) => pieces.push(piece));
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("close", resolve);
  });
  const body = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return { fields, body, interim };
}

/** The body of an answer as text. */
export function textIn({ body }: Http2Answer): string {
  return new TextDecoder().decode(body);
}
