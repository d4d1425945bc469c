import {
  type FieldLines,
  fieldValues,
  isAuthority,
  trimOws,
} from "./http1/mod.ts";

/** A set of peers that {@linkcode parseCidr} has read. */
export interface Network {
  /** Addresses of this kind only are in it. */
  readonly kind: "ipv4" | "ipv6" | "unix";
  /** An address of the network, 16 bits a number; empty for `unix`. */
  readonly groups: readonly number[];
  /** How many leading bits an address has to share with it. */
  readonly prefix: number;
}

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

interface Address {
  readonly kind: Network["kind"];
  readonly groups: readonly number[];
  /** The address in its one canonical spelling. */
  readonly text: string;
  /** Whether it was an IPv4 address inside an IPv6 address. */
  readonly mapped: boolean;
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

const GROUP_BITS = 16;
const MAPPED_BITS = 96;
const MAX_PORT = 65535;
const UNIX: Address = { kind: "unix", groups: [], text: "unix", mapped: false };
const MALFORMED: Told = { malformed: true };
const HIDDEN = "hidden";

// RFC 3986 §3.2.2, dec-octet: no leading zeros, which some read as octal.
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

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
 * Reads a network: `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a
 * network of one. `unix` is every peer of a unix socket.
 *
 * An IPv4 network that is written as IPv6 (`::ffff:10.0.0.0/104`) is the IPv4
 * network. No IPv6 network has IPv4 addresses in it, `::/0` neither.
 *
 * @throws {RangeError} if `text` is no network, has a zone, or has bits set
 * beyond its length: `10.1.2.3/8` is as likely to mean one address as all
 */
export function parseCidr(text: string): Network {
  if (text === "unix") return { kind: "unix", groups: [], prefix: 0 };
  const refuse = (why: string) =>
    new RangeError(`Cannot read the network "${text}": ${why}.`);
  const slash = text.indexOf("/");
  const name = slash < 0 ? text : text.slice(0, slash);
  // RFC 4007 §6: what a zone names differs from machine to machine.
  if (name.includes("%")) throw refuse("an address with a zone is not taken");
  const address = parseAddress(name);
  if (address === undefined) {
    throw refuse('it is no IPv4 or IPv6 address, nor "unix"');
  }
  const least = address.mapped ? MAPPED_BITS : 0;
  const most = least + address.groups.length * GROUP_BITS;
  const length = slash < 0 ? `${most}` : text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > most) {
    throw refuse(`after the slash comes a number from ${least} to ${most}`);
  }
  const prefix = Number(length) - least;
  if (prefix < 0 || address.groups.some((g, i) => g & ~mask(prefix, i))) {
    throw refuse(`it has bits set after the first ${length}`);
  }
  return { kind: address.kind, groups: address.groups, prefix };
}

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
   * Takes networks as {@linkcode parseCidr} reads them; none is none trusted.
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

function contains(network: Network, address: Address): boolean {
  return network.kind === address.kind &&
    network.groups.every((group, i) =>
      ((group ^ (address.groups[i] as number)) & mask(network.prefix, i)) === 0
    );
}

/** The bits of the group at `index` that a prefix of `bits` bits covers. */
function mask(bits: number, index: number): number {
  const covered = Math.min(Math.max(bits - index * GROUP_BITS, 0), GROUP_BITS);
  return 0xffff & (0xffff << (GROUP_BITS - covered));
}

function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  if (!IPV4.test(text)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  const groups = [a << 8 | b, c << 8 | d];
  return { kind: "ipv4", groups, text, mapped: false };
}

function parseIpv6(text: string): Address | undefined {
  // Only these characters may reach the URL parser: a bracket or a slash would
  // end the address.
  if (!/^[0-9A-Fa-f:.]+$/.test(text)) return undefined;
  const url = URL.parse(`http://[${text}]/`);
  if (url === null) return undefined;
  const canonical = url.hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split("::").map((half) =>
    half === "" ? [] : half.split(":").map((group) => parseInt(group, 16))
  );
  const zeros = Array<number>(8 - head.length - tail.length).fill(0);
  const groups = [...head, ...zeros, ...tail];
  // RFC 4291 §2.5.5.2: ::ffff:0:0/96 holds the IPv4 addresses.
  const mapped = groups.slice(0, 5).every((group) => group === 0) &&
    groups[5] === 0xffff;
  if (!mapped) return { kind: "ipv6", groups, text: canonical, mapped };
  const [high = 0, low = 0] = groups.slice(6);
  const bytes = [high >> 8, high & 0xff, low >> 8, low & 0xff];
  return {
    kind: "ipv4",
    groups: [high, low],
    text: bytes.join("."),
    mapped,
  };
}
