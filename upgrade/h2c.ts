import { Exchange } from "./_exchange.ts";
import { isH2c, upgradeToHttp2 } from "./_http2_upgrade.ts";
import { ServedRequest } from "./request.ts";
import type { Handler } from "./serve_conn.ts";

/**
 * Takes up the offer of HTTP/2 without TLS (RFC 7540 §3.2): answers with 101, and
 * then everything on that connection with `handler`, which stays a function of a
 * Request and begins with the very request that was upgraded. It is meant for a
 * registry of protocols; `serve({ h2c: true })` does the same by itself, and
 * speaks HTTP/2 from the first byte on too.
 *
 * What offers no h2c, or comes over TLS (where h2c is not to be spoken), is
 * answered by `handler` in HTTP/1.1. So is a request with a body of more than 64
 * KiB, or of unknown length. Broken HTTP2-Settings are refused with 400.
 *
 * ```ts
 * import { h2c } from "./h2c.ts";
 * import { serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, h2c(() => new Response("hello")));
 * ```
 */
export function h2c(handler: Handler): Handler {
  return (request, info) => {
    const exchange = ServedRequest.interimOf(request);
    return exchange instanceof Exchange && !exchange.connection.isSecure &&
        exchange.head.upgrade.some(isH2c)
      ? upgradeToHttp2(exchange, handler)
      : handler(request, info);
  };
}
