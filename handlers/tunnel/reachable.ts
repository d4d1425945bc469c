import {
  type Address,
  contains,
  type Network,
  parseAddress,
  parseCidr,
} from "../../upgrade/network.ts";

// What the registry of special-purpose IPv4 addresses (RFC 6890) has as not
// globally reachable, and what has another use than to be reached.
const NOT_PUBLIC_IPV4: readonly Network[] = [
  "0.0.0.0/8", // This network, RFC 791 §3.2.
  "10.0.0.0/8", // Private, RFC 1918.
  "100.64.0.0/10", // Shared behind a provider's translator, RFC 6598.
  "127.0.0.0/8", // Loopback, RFC 1122 §3.2.1.3.
  "169.254.0.0/16", // Link-local, RFC 3927; cloud hosts tell secrets there.
  "172.16.0.0/12", // Private, RFC 1918.
  "192.0.0.0/24", // Protocol assignments, RFC 6890; two lead to a translator.
  "192.0.2.0/24", // Documentation, RFC 5737.
  "192.88.99.0/24", // 6to4 relays, RFC 7526.
  "192.168.0.0/16", // Private, RFC 1918.
  "198.18.0.0/15", // Benchmarking, RFC 2544.
  "198.51.100.0/24", // Documentation, RFC 5737.
  "203.0.113.0/24", // Documentation, RFC 5737.
  "224.0.0.0/4", // Multicast, RFC 5771.
  "240.0.0.0/4", // Reserved, RFC 1112 §4, and broadcast, RFC 919.
].map(parseCidr);

// RFC 4291 §2.4 and §2.5.4: all global unicast addresses so far. What is outside
// (loopback, IPv4-compatible, unique local, link-local, multicast, the local
// NAT64 of RFC 8215 …) is refused, whether it has a use already or not.
const GLOBAL_UNICAST = parseCidr("2000::/3");
const NOT_PUBLIC_IPV6: readonly Network[] = [
  "2001::/23", // Protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID.
  "2001:db8::/32", // Documentation, RFC 3849.
  "2002::/16", // 6to4, RFC 3056: leads to any IPv4 address.
  "3fff::/20", // Documentation, RFC 9637.
].map(parseCidr);

// RFC 6052 §2.1: a translator reaches the IPv4 address in the last 32 bits. A
// host without IPv4 of its own gets to all of IPv4 this way.
const NAT64 = parseCidr("64:ff9b::/96");

/** Says whether an address can be reached from everywhere on the internet. */
export function isPublic(address: Address): boolean {
  if (address.kind === "ipv4") {
    return !NOT_PUBLIC_IPV4.some((network) => contains(network, address));
  }
  if (contains(NAT64, address)) {
    const groups = address.groups.slice(-2);
    return isPublic({ ...address, kind: "ipv4", groups });
  }
  return contains(GLOBAL_UNICAST, address) &&
    !NOT_PUBLIC_IPV6.some((network) => contains(network, address));
}

/**
 * Gives those of `addresses`, in their order, that are public or in one of the
 * networks, each in its one spelling. What is no address, or has a zone, is left
 * out.
 */
export function reachableOf(
  addresses: readonly string[],
  networks: readonly Network[],
): string[] {
  return addresses.map(parseAddress).filter((address) => address !== undefined)
    .filter((address) =>
      isPublic(address) ||
      networks.some((network) => contains(network, address))
    ).map(({ text }) => text);
}
