/** A set of peers that {@linkcode parseCidr} has read. */
export interface Network {
  /** Addresses of this kind only are in it. */
  readonly kind: "ipv4" | "ipv6" | "unix";
  /** An address of the network, 16 bits a number; empty for `unix`. */
  readonly groups: readonly number[];
  /** How many leading bits an address has to share with it. */
  readonly prefix: number;
}

/** An address that {@linkcode parseAddress} has read. */
export interface Address {
  /** What kind of network it can be in. */
  readonly kind: Network["kind"];
  /** The address, 16 bits a number; empty for `unix`. */
  readonly groups: readonly number[];
  /** The address in its one canonical spelling. */
  readonly text: string;
  /** Whether it was an IPv4 address inside an IPv6 address. */
  readonly mapped: boolean;
}

const GROUP_BITS = 16;
const MAPPED_BITS = 96;

// RFC 3986 §3.2.2, dec-octet: no leading zeros, which some read as octal.
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Every peer of a unix socket. */
export const UNIX: Address = {
  kind: "unix",
  groups: [],
  text: "unix",
  mapped: false,
};

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

/** Says whether `address` is in `network`. */
export function contains(network: Network, address: Address): boolean {
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

/**
 * Reads an IPv4 or IPv6 address without brackets, or gives `undefined` if `text`
 * is none or has a zone. An IPv4 address inside of `::ffff:0:0/96` is read as the
 * IPv4 address that it is.
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** As {@linkcode parseAddress}, of IPv4 alone. */
export function parseIpv4(text: string): Address | undefined {
  if (!IPV4.test(text)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  const groups = [a << 8 | b, c << 8 | d];
  return { kind: "ipv4", groups, text, mapped: false };
}

/** As {@linkcode parseAddress}, of IPv6 spellings alone. */
export function parseIpv6(text: string): Address | undefined {
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
