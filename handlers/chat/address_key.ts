/**
 * What an address counts as: an IPv6 address as its first 64 bits, of which one
 * household or one server has the rest to choose from; an IPv4 address, also
 * one that IPv6 carries (RFC 4291 §2.5.5.2), as it is. What is no IP address,
 * such as a unix socket's path, counts as what it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addressKey } from "./address_key.ts";
 *
 * assertEquals(addressKey("2001:db8::1"), addressKey("2001:db8:0:0:2::"));
 * assertEquals(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
 * ```
 */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const groups = groupsOf(address);
  if (groups === undefined) return address;
  if (
    groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  ) {
    const [high, low] = [groups[6]!, groups[7]!];
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16));
  return `${prefix.join(":")}::/64`;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), if it is one. */
function groupsOf(address: string): number[] | undefined {
  // The zone (RFC 4007 §11) says where it is valid, not which one it is.
  const spelled = address.replace(/%.*$/, "").replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, ...bytes: string[]) => {
      const [a, b, c, d] = bytes.map(Number);
      return `${(a! * 256 + b!).toString(16)}:${(c! * 256 + d!).toString(16)}`;
    },
  );
  const halves = spelled.split("::");
  if (halves.length > 2) return undefined;
  const [start, end] = halves.map((half) => half === "" ? [] : half.split(":"));
  const zeros = 8 - start!.length - (end?.length ?? 0);
  if (end === undefined ? zeros !== 0 : zeros < 0) return undefined;
  const groups = [...start!, ...Array(zeros).fill("0"), ...end ?? []];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}
