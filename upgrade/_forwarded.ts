import type { FieldLines } from "./http1/mod.ts";
import type { ForwardedUrl } from "./request.ts";
import { forwardedFor, type TrustedProxies } from "./trusted_proxy.ts";

/** What trusted proxies tell of a request. */
export interface Forwarded {
  /** The client's address, unless it is that of the connection. */
  readonly remoteAddr?: Deno.Addr;
  /** What it has asked for. */
  readonly url: ForwardedUrl;
}

/** Reads what trusted proxies tell of a request that came from `remoteAddr`. */
export function readForwarded(
  fields: FieldLines,
  { remoteAddr, trustProxy }: {
    remoteAddr: Deno.Addr;
    trustProxy: TrustedProxies | undefined;
  },
): Forwarded | undefined {
  if (trustProxy === undefined) return undefined;
  const peer = "hostname" in remoteAddr
    ? { remoteAddress: remoteAddr.hostname, remotePort: remoteAddr.port }
    : { remoteAddress: "unix" };
  const { remoteAddress, remotePort = 0, ...url } = forwardedFor(
    { ...peer, fields },
    trustProxy,
  );
  if (remoteAddress === peer.remoteAddress) return { url };
  const hostname = remoteAddress;
  return {
    remoteAddr: { transport: "tcp", hostname, port: remotePort },
    url,
  };
}
