import type { Exchange } from "./_exchange.ts";
import { serveHttp2 } from "./_http2_session.ts";
import { readHttp2Settings } from "./http2/settings.ts";
import { onUpgrade } from "./on_upgrade.ts";
import type { Handler } from "./serve_conn.ts";

// The longest body that is taken in before its request goes on over HTTP/2.
const MAX_BODY_BYTES = 0x10000;

/** Whether a protocol of an Upgrade field is HTTP/2 without TLS. */
export function isH2c(protocol: string | undefined): boolean {
  return protocol?.toLowerCase() === "h2c";
}

/**
 * Answers a request that offers h2c with 101, and serves it over HTTP/2 (RFC 7540
 * §3.2), or in HTTP/1.1 if its body is too long for that, or of unknown length: it
 * has to be read whole before the 101, and an upgrade may be ignored (RFC 9110
 * §7.8).
 *
 * @throws {HttpError} when its HTTP2-Settings are not as they have to be, and
 * when its body cannot be read
 */
export async function upgradeToHttp2(
  exchange: Exchange,
  handler: Handler,
): Promise<Response> {
  const { connection, head, info, request } = exchange;
  const settings = readHttp2Settings(head.fields);
  const length = head.body.kind === "length" ? head.body.length : 0;
  if (head.body.kind === "chunked" || length > MAX_BODY_BYTES) {
    return await handler(request, info);
  }
  const body = length > 0 ? await request.bytes() : undefined;
  onUpgrade(request).then((upgraded) => {
    const first = { head, info, url: request.url, body, settings };
    serveHttp2(upgraded, { connection, handler, first });
  }, () => {
    // Nobody is left to serve; the connection has told whoever has to know.
  });
  return new Response(null, { status: 101, headers: { upgrade: "h2c" } });
}
