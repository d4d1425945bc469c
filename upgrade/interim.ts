import { ServedRequest } from "./request.ts";

// Fields that say where a message ends or how its connection goes on.
const FRAMING_FIELDS = [
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
];

/**
 * Sends an interim response before the response to `request` (RFC 9110 §15.2),
 * such as 103 with the links that a page will need (RFC 8297). Resolves when it
 * has been written. A client that speaks HTTP/1.0 gets none.
 *
 * Rejects with a `RangeError` when the status is not 102 to 199 (100 is sent when
 * the body is read, 101 is a response of its own), with a `TypeError` when the
 * request is none that a handler got, the response has begun, or the headers
 * frame a message, and with the error of writing when the client is gone.
 *
 * ```ts
 * import { sendInterim, serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, async (request) => {
 *   await sendInterim(request, 103, { link: "</a.css>; rel=preload; as=style" });
 *   return new Response("<link rel=stylesheet href=/a.css>");
 * });
 * ```
 */
export function sendInterim(
  request: Request,
  status: number,
  headers: HeadersInit = {},
): Promise<void> {
  const sent = send(request, status, headers);
  // Nobody may be waiting when it fails, and that must not end the process.
  sent.catch(() => {});
  return sent;
}

async function send(
  request: Request,
  status: number,
  headers: HeadersInit,
): Promise<void> {
  if (!(Number.isInteger(status) && status > 101 && status < 200)) {
    throw new RangeError(
      `Cannot send an interim response: the status is ${status}`,
    );
  }
  const fields = new Headers(headers);
  const framing = FRAMING_FIELDS.find((name) => fields.has(name));
  if (framing !== undefined) {
    throw new TypeError(
      `Cannot send an interim response: it has the field ${framing}`,
    );
  }
  const writer = ServedRequest.interimOf(request);
  if (writer === undefined) {
    throw new TypeError(
      "Cannot send an interim response: this is not a request of a server",
    );
  }
  await writer.writeInterim(status, fields);
}
