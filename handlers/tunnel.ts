/**
 * A forward proxy: CONNECT to what is allowed, and to nothing else.
 *
 * @module
 */

import {
  type Handler,
  HttpError,
  onUpgrade,
  type Upgraded,
} from "../upgrade/mod.ts";
import { type Network, parseCidr } from "../upgrade/network.ts";
import { AllowList, type Destination } from "./tunnel/allow_list.ts";
import { dial } from "./tunnel/dial.ts";
import { tunnelError } from "./tunnel/errors.ts";
import { relay, type RelayEnding } from "./tunnel/relay.ts";

export { TUNNEL_ERRORS, type TunnelErrorCode } from "./tunnel/errors.ts";
export { RELAY_ENDINGS, type RelayEnding } from "./tunnel/relay.ts";

/** The options of {@linkcode createTunnel}; all times are in milliseconds. */
export interface TunnelOptions {
  /**
   * What may be asked for, each a host and a port. The host is a name, all names
   * below one but not itself (`*.example.com`), an IPv4 address, an IPv6 address
   * in brackets, or `*`; the port is a number, a range (`8000-8999`), or `*`.
   * Default: nothing.
   */
  readonly allow?: readonly string[];
  /**
   * Networks (`10.0.0.0/8`) that may be reached although they are not public.
   * That something is in `allow` is not enough for those. Default: none.
   */
  readonly allowPrivate?: readonly string[];
  /**
   * For the name to be resolved and one of its addresses to take the connection.
   * Default: 10,000.
   */
  readonly connectTimeout?: number;
  /**
   * A tunnel is closed after so long without a byte in either direction.
   * Default: 600,000.
   */
  readonly idleTimeout?: number;
  /** Told of each tunnel when it has ended. Default: nobody is told. */
  readonly onEnd?: (tunnel: TunnelSummary) => void;
}

/** What has become of a tunnel. */
export interface TunnelSummary {
  /** The host and port that the client asked for. */
  readonly authority: string;
  /** The address that was reached. */
  readonly targetAddr: Deno.NetAddr;
  /** The client's address, as a trusted proxy tells it if there is one. */
  readonly remoteAddr: Deno.Addr;
  /** How many bytes went to the target. */
  readonly sent: number;
  /** How many bytes went to the client. */
  readonly received: number;
  /** How long there was a tunnel. */
  readonly milliseconds: number;
  /** What has ended it: a key of `RELAY_ENDINGS`. */
  readonly ending: RelayEnding;
}

/**
 * Makes a forward proxy for whoever reaches the server: it answers CONNECT with a tunnel (RFC 9110 §9.3.6) to
 * where the options allow, and passes on bytes both ways until both sides have
 * ended.
 *
 * What is not globally reachable (loopback, private and link-local networks …) is
 * refused unless `allowPrivate` names it, and so is a name that leads only there.
 * A name is resolved once: the address that was judged is the one that is
 * connected to.
 *
 * A refusal is an `HttpError` with a code of `TUNNEL_ERRORS`, whose answer tells
 * the reason in `Proxy-Status` (RFC 9209): 403 for what is not allowed, 502 for
 * what cannot be reached, 504 for what takes too long. The connection to the
 * client can then be used again. A client that leaves, or ends its sending
 * direction, before the answer gets no tunnel.
 *
 * Each tunnel has a socket of its own besides the client's, and only the latter
 * counts for the server's `maxConnections`. When the server shuts down, a tunnel
 * has the shutdown timeout to end by itself.
 *
 * Throws a `RangeError` when an entry of the options cannot be read.
 *
 * ```ts
 * import { serve } from "../upgrade/mod.ts";
 * import { createTunnel } from "./tunnel.ts";
 *
 * const proxy = createTunnel({ allow: ["*.example.com:443"] });
 * await using server = serve({ port: 0 }, proxy);
 * ```
 */
export function createTunnel(options: TunnelOptions = {}): Handler {
  const { connectTimeout: timeout = 10_000 } = options;
  const allowed = new AllowList(options.allow ?? []);
  const networks = (options.allowPrivate ?? []).map(parseNetwork);
  return async function tunnel(request, { remoteAddr }) {
    if (request.method !== "CONNECT") {
      throw new HttpError("method_not_allowed", {
        status: 405,
        message: "This proxy answers CONNECT only.",
        headers: [["Allow", "CONNECT"]],
      });
    }
    const destination = destinationOf(request.url);
    if (!allowed.has(destination)) throw tunnelError("http_request_denied");
    const { signal } = request;
    const target = await dial(destination, { networks, timeout, signal });
    // Only now, for its time limit is shorter than that of connecting.
    const upgrade = onUpgrade(request);
    carry(upgrade, target, {
      ...options,
      authority: authorityOf(destination),
      remoteAddr,
    });
    return new Response(null);
  };
}

/** Joins the two sides once there is a tunnel, and tells when it has ended. */
async function carry(
  upgrade: Promise<Upgraded>,
  target: Deno.TcpConn,
  { idleTimeout, onEnd, authority, remoteAddr }:
    & Pick<TunnelOptions, "idleTimeout" | "onEnd">
    & Pick<TunnelSummary, "authority" | "remoteAddr">,
): Promise<void> {
  using _ = target;
  let client: Upgraded;
  try {
    client = await upgrade;
  } catch {
    // The client has left, or the server shuts down: nobody waits for this.
    return;
  }
  const { remoteAddr: targetAddr } = target;
  const start = performance.now();
  const relayed = await relay(client, target, {
    ...idleTimeout !== undefined && { idleTimeout },
  });
  const milliseconds = Math.round(performance.now() - start);
  try {
    onEnd?.({ authority, targetAddr, remoteAddr, milliseconds, ...relayed });
  } catch (error) {
    client.report(error);
  }
}

function parseNetwork(text: string): Network {
  const network = parseCidr(text);
  if (network.kind !== "unix") return network;
  throw new RangeError(`Cannot allow tunnels to "unix": it is no IP network.`);
}

function destinationOf(url: string): Destination {
  const { hostname, port, protocol } = new URL(url);
  // A URL leaves out the port that its scheme has anyway.
  const usual = protocol === "https:" ? 443 : 80;
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? usual : Number(port),
  };
}

function authorityOf({ host, port }: Destination): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
