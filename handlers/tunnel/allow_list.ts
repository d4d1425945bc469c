import { parseAddress, parseIpv4, parseIpv6 } from "../../upgrade/network.ts";

/** A host and a port that a client asks for. */
export interface Destination {
  /** A name, or an address without brackets, as a `URL` spells it. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
}

/** Which hosts, and which of their ports. */
interface Entry {
  readonly hasHost: (host: string) => boolean;
  readonly firstPort: number;
  readonly lastPort: number;
}

const MAX_PORT = 65535;

// The host goes up to the last colon, which those of an IPv6 address are not.
const ENTRY = /^(\[[^\]]*\]|[^:[\]]+):([^:]+)$/;
const PORTS = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/;
// Only these may reach the URL parser, which would end the host at others.
const NAME = /^(?:[\p{L}\p{M}\p{N}_-]+\.)*[\p{L}\p{M}\p{N}_-]+\.?$/u;

/**
 * The hosts and ports that may be asked for.
 *
 * @example
 * ```ts
 * import { AllowList } from "./allow_list.ts";
 *
 * const allowed = new AllowList(["*.example.com:443", "[2001:db8::1]:*"]);
 * allowed.has({ host: "www.example.com", port: 443 }); // true
 * allowed.has({ host: "example.com", port: 443 }); // false
 * ```
 */
export class AllowList {
  readonly #entries: readonly Entry[];

  /**
   * Takes entries of a host, a colon and a port. The host is a name, all names
   * below one (`*.example.com`), an IPv4 address, an IPv6 address in brackets, or
   * `*`; the port a number, a range (`8000-8999`), or `*`.
   *
   * @throws {RangeError} if one of them cannot be read
   */
  constructor(entries: readonly string[]) {
    this.#entries = entries.map(parseEntry);
  }

  /** Says whether a destination is allowed. */
  has({ host, port }: Destination): boolean {
    const canonical = canonicalHost(host);
    return this.#entries.some(({ hasHost, firstPort, lastPort }) =>
      firstPort <= port && port <= lastPort && hasHost(canonical)
    );
  }
}

function parseEntry(text: string): Entry {
  const refuse = (why: string) =>
    new RangeError(`Cannot allow tunnels to "${text}": ${why}.`);
  const [, host, ports] = ENTRY.exec(text) ?? [];
  if (host === undefined || ports === undefined) {
    throw refuse("it is no host and port; an IPv6 address is in brackets");
  }
  const [firstPort, lastPort] = parsePorts(ports) ?? [];
  if (firstPort === undefined || lastPort === undefined) {
    throw refuse(`the port is no number from 1 to ${MAX_PORT}, range or "*"`);
  }
  const hasHost = parseHost(host);
  if (hasHost === undefined) {
    throw refuse('the host is no name, address, name after "*." or "*"');
  }
  return { hasHost, firstPort, lastPort };
}

function parsePorts(text: string): [first: number, last: number] | undefined {
  if (text === "*") return [1, MAX_PORT];
  const match = PORTS.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= MAX_PORT ? [first, last] : undefined;
}

function parseHost(text: string): Entry["hasHost"] | undefined {
  if (text === "*") return () => true;
  if (text.startsWith("*.")) {
    const name = parseName(text.slice(2));
    if (name === undefined) return undefined;
    const ending = `.${name}`;
    return (host) => host.endsWith(ending) && host.length > ending.length;
  }
  const own = text.startsWith("[")
    ? parseIpv6(text.slice(1, -1))?.text
    : parseIpv4(text)?.text ?? parseName(text);
  return own === undefined ? undefined : (host) => host === own;
}

/** The name as a URL spells it; `undefined` if it would be an address. */
function parseName(text: string): string | undefined {
  const url = NAME.test(text) ? URL.parse(`http://${text}/`) : null;
  if (url === null || parseAddress(url.hostname) !== undefined) {
    return undefined;
  }
  return canonicalHost(url.hostname);
}

/** The one spelling of an address, or a name without the dot of the root. */
function canonicalHost(host: string): string {
  return parseAddress(host)?.text ?? host.replace(/\.$/, "");
}
