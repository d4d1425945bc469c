import {
  type FieldLines,
  fieldValues,
  isAuthority,
  trimOws,
} from "./http1/mod.ts";
import {
  contains,
  type Network,
  parseAddress,
  parseCidr,
  parseIpv4,
  parseIpv6,
  UNIX,
} from "./network.ts";

/** Where a request came from, and what is known of its URL. */
export interface ForwardedFacts {
  /** The client's address; `unix` if all that is known is a unix socket. */
  readonly remoteAddress: string;
  /** The client's port, if it is known. */
  readonly remotePort?: number;
  /** The scheme that the client used; absent if no proxy told. */
  readonly scheme?: "http" | "https";
  /** The host and port that the client asked for; absent if no proxy told. */
  readonly authority?: string;
}

/** What {@linkcode forwardedFor} judges. */
export interface ForwardedRequest {
  /** The address at the other end of the socket; `unix` for a unix socket. */
  readonly remoteAddress: string;
  /** The port at the other end of the socket, if it has one. */
  readonly remotePort?: number;
  /** The request's field lines. */
  readonly fields: FieldLines;
}

/** An end of a connection, as far as a proxy tells. */
type Endpoint = Pick<ForwardedFacts, "remoteAddress" | "remotePort">;

/** What one proxy tells of the request it received. */
interface Hop {
  readonly for?: string;
  readonly proto?: string;
  readonly host?: string;
}

/** What one family of fields tells; `malformed` if it cannot be relied on. */
interface Told {
  readonly node?: Endpoint;
  readonly scheme?: "http" | "https";
  readonly authority?: string;
  readonly malformed?: boolean;
}

const MAX_PORT = 65535;
const MALFORMED: Told = { malformed: true };
const HIDDEN = "hidden";

// RFC 7239 §6: a name without a colon, or an IPv6 address in brackets, and a
// port, which may be obfuscated (§6.3).
const NODE = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}|_[\w.\-]+))?$/;
const NAMELESS = /^(?:unknown|_[\w.\-]+)$/i;

// RFC 7239 §4, forwarded-pair: a token, then a token or a quoted string.
const PAIR =
  /([\w!#$%&'*+\-.^`|~]+)=(?:([\w!#$%&'*+\-.^`|~]+)|"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)")/y;
// RFC 7239 §4 has no white space at the semicolon, but some proxies write one,
// and it can mean nothing else.
const DELIMITER = /[\t ]*([;,]|$)[\t ]*/y;

// Some proxies tell the scheme of a WebSocket's own URL. RFC 6455 §3: ws is
// HTTP at first, wss is HTTPS.
const SCHEMES: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"],
  ["wss", "https"],
]);

/**
 * The networks of the proxies whose word on a request counts.
 *
 * @example
 * ```ts
 * import { TrustedProxies } from "./trusted_proxy.ts";
 *
 * const trusted = new TrustedProxies(["10.0.0.0/8", "::1"]);
 * trusted.trusts("10.1.2.3"); // true
 * trusted.trusts("::ffff:10.1.2.3"); // true
 * trusted.trusts("192.0.2.1"); // false
 * ```
 */
export class TrustedProxies {
  readonly #networks: readonly Network[];

  /**
   * Takes networks as `parseCidr()` reads them; none is none trusted.
   *
   * @throws {RangeError} if one of them cannot be read
   */
  constructor(cidrs: readonly string[]) {
    this.#networks = cidrs.map(parseCidr);
  }

  /**
   * Says whether `address` is in one of the networks. It is an IPv4 or IPv6
   * address without brackets, or `unix`; anything else is not trusted.
   */
  trusts(address: string): boolean {
    const parsed = address === "unix" ? UNIX : parseAddress(address);
    return parsed !== undefined &&
      this.#networks.some((network) => contains(network, parsed));
  }
}

/**
 * Tells where a request came from: what trusted proxies say of it, and where
 * they say nothing, what its socket says.
 *
 * Each proxy appends the address it was called from to `Forwarded` (RFC 7239)
 * or `X-Forwarded-For`. The list is read from its end, past every trusted
 * address; the first other one is the client. What stands before it is the
 * client's own word, which nobody reads. A client that a proxy hides (`unknown`,
 * `_name`) has the address of that proxy.
 *
 * `proto` and `host` of `Forwarded` are those of the element that names the
 * client. Of `X-Forwarded-Proto` and `X-Forwarded-Host` the last value counts,
 * which the nearest proxy has written.
 *
 * `Forwarded` wins. But most proxies write one family of fields and let the
 * client's lines of the other pass, so if both are there and contradict each
 * other, or one of them is malformed, neither counts. A malformed field counts
 * as absent.
 *
 * @example
 * ```ts
 * import { forwardedFor, TrustedProxies } from "./trusted_proxy.ts";
 *
 * const fields = [["forwarded", "for=192.0.2.1;proto=https"]] as const;
 * const trusted = new TrustedProxies(["10.0.0.0/8"]);
 * forwardedFor({ remoteAddress: "10.0.0.1", fields }, trusted);
 * // { remoteAddress: "192.0.2.1", scheme: "https" }
 * ```
 */
export function forwardedFor(
  request: ForwardedRequest,
  trusted: TrustedProxies,
): ForwardedFacts {
  const { fields, ...peer } = request;
  // RFC 7239 §8.1: anybody can send these fields.
  if (!trusted.trusts(peer.remoteAddress)) return peer;
  const standard = readForwarded(fields, trusted);
  const legacy = readXForwarded(fields, trusted);
  if (standard !== undefined && legacy !== undefined) {
    return agree(standard, legacy) ? factsOf(standard, peer) : peer;
  }
  return factsOf(standard ?? legacy ?? MALFORMED, peer);
}

function readForwarded(
  fields: FieldLines,
  trusted: TrustedProxies,
): Told | undefined {
  const lines = fieldValues(fields, "forwarded");
  const told = walk(forwardedHops(lines), trusted);
  if (told === undefined) return MALFORMED;
  if (told.hop === undefined) return undefined;
  const rest = readUrlParts(told.hop.proto, told.hop.host);
  if (rest.malformed) return MALFORMED;
  return { ...told.node && { node: told.node }, ...rest };
}

function readXForwarded(
  fields: FieldLines,
  trusted: TrustedProxies,
): Told | undefined {
  const addresses = fieldValues(fields, "x-forwarded-for");
  const proto = lastValue(fieldValues(fields, "x-forwarded-proto"));
  const host = lastValue(fieldValues(fields, "x-forwarded-host"));
  if (addresses.length === 0 && proto === undefined && host === undefined) {
    return undefined;
  }
  const told = walk(xForwardedHops(addresses), trusted);
  const rest = readUrlParts(proto, host);
  return {
    ...told?.node && { node: told.node },
    ...rest,
    ...told === undefined && MALFORMED,
  };
}

function agree(standard: Told, legacy: Told): boolean {
  if (standard.malformed || legacy.malformed) return false;
  const pairs = [
    [standard.node?.remoteAddress, legacy.node?.remoteAddress],
    [standard.scheme, legacy.scheme],
    [standard.authority, legacy.authority],
  ];
  return pairs.every(([a, b]) => a === b || a === undefined || b === undefined);
}

function factsOf(told: Told, peer: Endpoint): ForwardedFacts {
  const { scheme, authority } = told;
  return {
    ...told.node ?? peer,
    ...scheme !== undefined && { scheme },
    ...authority !== undefined && { authority },
  };
}

/**
 * Follows the hops from the nearest one to the client. Gives the farthest
 * address that a trusted hop told, and the hop where that ended; `undefined` if
 * a hop on the way is malformed.
 */
function walk(
  hops: Iterable<Hop | undefined>,
  trusted: TrustedProxies,
): { node?: Endpoint; hop?: Hop } | undefined {
  let node: Endpoint | undefined;
  let hop: Hop | undefined;
  for (hop of hops) {
    if (hop === undefined) return undefined;
    // RFC 7239 §4: no parameter is required. Who called this proxy is then as
    // little known as behind an obfuscated name, §6.3.
    const told = hop.for === undefined ? HIDDEN : parseNode(hop.for);
    if (told === undefined) return undefined;
    if (told === HIDDEN) break;
    node = told;
    if (!trusted.trusts(told.remoteAddress)) break;
  }
  return { ...node && { node }, ...hop && { hop } };
}

/** The elements of `Forwarded` lines, the last first. */
function* forwardedHops(lines: readonly string[]): Generator<Hop | undefined> {
  // A line is read only once the way leads to it: lines before may be forged.
  for (const line of lines.toReversed()) {
    const elements = parseForwarded(line);
    if (elements === undefined) yield undefined;
    else yield* elements.toReversed();
  }
}

/** The elements of `X-Forwarded-For` lines, the last first. */
function* xForwardedHops(lines: readonly string[]): Generator<Hop> {
  for (const address of listOf(lines).toReversed()) {
    // An IPv6 address stands here without brackets as well as with them.
    const bare = address.includes(":") && parseAddress(address) !== undefined;
    yield { for: bare ? `[${address}]` : address };
  }
}

/** Reads one `Forwarded` line, RFC 7239 §4; `undefined` if it is malformed. */
function parseForwarded(line: string): Hop[] | undefined {
  const hops: Hop[] = [];
  let pairs = new Map<string, string>();
  let empty = true;
  for (let at = 0;;) {
    PAIR.lastIndex = at;
    const pair = PAIR.exec(line);
    if (pair !== null) {
      const [, name = "", token, quoted = ""] = pair;
      const key = name.toLowerCase();
      // RFC 7239 §4: no parameter twice in an element.
      if (pairs.has(key)) return undefined;
      pairs.set(key, token ?? quoted.replaceAll(/\\(.)/g, "$1"));
      at = PAIR.lastIndex;
    }
    DELIMITER.lastIndex = at;
    const delimiter = DELIMITER.exec(line)?.[1];
    if (delimiter === undefined) return undefined;
    at = DELIMITER.lastIndex;
    empty &&= pair === null && delimiter !== ";";
    if (delimiter === ";") continue;
    // RFC 9110 §5.6.1.2: a recipient ignores empty elements.
    if (!empty) hops.push(Object.fromEntries(pairs));
    if (delimiter === "") return hops;
    pairs = new Map();
    empty = true;
  }
}

function parseNode(text: string): Endpoint | typeof HIDDEN | undefined {
  const match = NODE.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name = "", port] = match;
  const remotePort = Number(port);
  if (remotePort > MAX_PORT) return undefined;
  if (NAMELESS.test(name)) return HIDDEN;
  const address = ipv6 === undefined ? parseIpv4(name) : parseIpv6(ipv6);
  if (address === undefined) return undefined;
  const remoteAddress = address.text;
  return Number.isNaN(remotePort)
    ? { remoteAddress }
    : { remoteAddress, remotePort };
}

function readUrlParts(
  proto: string | undefined,
  host: string | undefined,
): Told {
  const scheme = SCHEMES.get(proto?.toLowerCase() ?? "");
  // RFC 7239 §5.3: the host has the grammar of Host.
  const authority = host !== undefined && isAuthority(host) ? host : undefined;
  const malformed = (proto !== undefined && scheme === undefined) ||
    (host !== undefined && authority === undefined);
  return {
    ...scheme !== undefined && { scheme },
    ...authority !== undefined && { authority },
    ...malformed && MALFORMED,
  };
}

// RFC 7239 §8.1: only what trusted proxies added can be relied on. Of a list
// that is the last value; which of the others a trusted proxy has added cannot
// be known, because proxies replace the field as often as they append to it.
function lastValue(lines: readonly string[]): string | undefined {
  return listOf(lines).at(-1);
}

function listOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(",")).map(trimOws)
    .filter((element) => element !== "");
}
