import { HttpError, parseProtocolList } from "./http1/mod.ts";
import { offeredBy } from "./on_upgrade.ts";
import type { Handler } from "./serve_conn.ts";

/** The options of {@linkcode upgrades}. */
export interface UpgradesOptions {
  /**
   * Answers the requests that offer none of the protocols, over HTTP. Default:
   * they are answered with 426.
   */
  readonly otherwise?: Handler;
  /**
   * Whether a request that offers only other protocols is answered with 426, and
   * `otherwise` gets those alone that offer none at all. Default: `false`, an
   * offer of other protocols is ignored, as a server may do.
   */
  readonly refuseUnknown?: boolean;
}

/**
 * Makes one handler of several protocols: the handler of the first one that the
 * client offers in `Upgrade` and that is spoken here answers (RFC 9110 §7.8). It
 * answers as any handler does: it may refuse.
 *
 * Protocols compare without case and with their version: `my-proto/1` is
 * neither `my-proto` nor `my-proto/2`. As for `onUpgrade()`, the request has to
 * be the very one that the server made, and `Upgrade` counts only if `Connection`
 * lists it, in HTTP/1.1.
 *
 * A request that offers none of them is answered with 426 and `Upgrade`, which
 * lists them all (RFC 9110 §15.5.22), unless `otherwise` answers it.
 *
 * Throws a `TypeError` when there is no protocol, when one has a name that cannot
 * stand in `Upgrade`, or is there twice.
 *
 * ```ts
 * import { onUpgrade, serve, upgrades, upgradeWebSocket } from "../mod.ts";
 *
 * const handler = upgrades({
 *   websocket(request) {
 *     const { socket, response } = upgradeWebSocket(request);
 *     socket.forEach((message) => socket.send(message));
 *     return response;
 *   },
 *   "my-proto/1"(request) {
 *     onUpgrade(request).then((upgraded) => {
 *       using conn = upgraded;
 *       conn.write(new TextEncoder().encode("hello"));
 *     }).catch((error) => console.error(error.message));
 *     const headers = { upgrade: "my-proto/1" };
 *     return new Response(null, { status: 101, headers });
 *   },
 * }, { otherwise: () => new Response("a page") });
 *
 * await using server = serve({ port: 0 }, handler);
 * ```
 */
export function upgrades(
  protocols: Readonly<Record<string, Handler>>,
  { otherwise, refuseUnknown = false }: UpgradesOptions = {},
): Handler {
  const spoken = byName(protocols);
  const list = Object.keys(protocols).join(", ");
  return function switchboard(request, info) {
    const offered = offeredBy(request);
    for (const protocol of offered) {
      const handler = spoken.get(protocol.toLowerCase());
      if (handler !== undefined) return handler(request, info);
    }
    const isRefused = refuseUnknown && offered.length > 0;
    if (otherwise !== undefined && !isRefused) return otherwise(request, info);
    throw new HttpError("upgrade_required", { headers: [["Upgrade", list]] });
  };
}

function byName(
  protocols: Readonly<Record<string, Handler>>,
): ReadonlyMap<string, Handler> {
  const spoken = new Map<string, Handler>();
  for (const [protocol, handler] of Object.entries(protocols)) {
    const words = JSON.stringify(protocol);
    if (parseProtocolList([protocol])?.[0] !== protocol) {
      throw new TypeError(`Cannot speak ${words}: it is no protocol's name`);
    }
    const name = protocol.toLowerCase();
    if (spoken.has(name)) {
      throw new TypeError(`Cannot speak ${words}: it is there twice`);
    }
    spoken.set(name, handler);
  }
  if (spoken.size > 0) return spoken;
  throw new TypeError("Cannot switch: there are no protocols");
}
