import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { contains, parseAddress, parseCidr } from "../../upgrade/network.ts";

Deno.test("parseCidr() gives kind, groups and prefix when a text is a network", () => {
  const cases = [
    ["10.0.0.0/8", "ipv4", [0x0a00, 0], 8],
    ["192.0.2.1", "ipv4", [0xc000, 0x0201], 32],
    ["0.0.0.0/0", "ipv4", [0, 0], 0],
    ["255.255.255.255/32", "ipv4", [0xffff, 0xffff], 32],
    ["::1", "ipv6", [0, 0, 0, 0, 0, 0, 0, 1], 128],
    ["FD00::/8", "ipv6", [0xfd00, 0, 0, 0, 0, 0, 0, 0], 8],
    ["1:2:3:4:5:6:7:8", "ipv6", [1, 2, 3, 4, 5, 6, 7, 8], 128],
    ["2001:db8::192.0.2.1", "ipv6", [
      0x2001,
      0xdb8,
      0,
      0,
      0,
      0,
      0xc000,
      0x201,
    ], 128],
    ["::/0", "ipv6", [0, 0, 0, 0, 0, 0, 0, 0], 0],
    ["::ffff:10.0.0.0/104", "ipv4", [0x0a00, 0], 8],
    ["::ffff:c000:201", "ipv4", [0xc000, 0x0201], 32],
    ["unix", "unix", [], 0],
  ] as const;
  for (const [text, kind, groups, prefix] of cases) {
    assertEquals(parseCidr(text), { kind, groups: [...groups], prefix }, text);
  }
});

Deno.test("parseCidr() throws a RangeError that says why when a text is no network", () => {
  const cases = [
    ["", "it is no IPv4 or IPv6 address"],
    ["localhost", "it is no IPv4 or IPv6 address"],
    ["10.0.0", "it is no IPv4 or IPv6 address"],
    ["10.0.0.0.0", "it is no IPv4 or IPv6 address"],
    ["10.0.0.256", "it is no IPv4 or IPv6 address"],
    ["010.0.0.1", "it is no IPv4 or IPv6 address"],
    ["10.0.0.01", "it is no IPv4 or IPv6 address"],
    ["0x0a.0.0.1", "it is no IPv4 or IPv6 address"],
    ["10.0.0.1.", "it is no IPv4 or IPv6 address"],
    [" 10.0.0.1", "it is no IPv4 or IPv6 address"],
    ["10.0.0.1\n", "it is no IPv4 or IPv6 address"],
    ["10.0.0.1:80", "it is no IPv4 or IPv6 address"],
    ["[::1]", "it is no IPv4 or IPv6 address"],
    ["::1::", "it is no IPv4 or IPv6 address"],
    ["1:2:3:4:5:6:7", "it is no IPv4 or IPv6 address"],
    ["1:2:3:4:5:6:7:8:9", "it is no IPv4 or IPv6 address"],
    ["::12345", "it is no IPv4 or IPv6 address"],
    ["::1.2.3", "it is no IPv4 or IPv6 address"],
    ["UNIX", "it is no IPv4 or IPv6 address"],
    ["unix/0", "it is no IPv4 or IPv6 address"],
    ["fe80::1%eth0", "a zone is not taken"],
    ["fe80::%eth0/10", "a zone is not taken"],
    ["10.0.0.0/33", "a number from 0 to 32"],
    ["10.0.0.0/", "a number from 0 to 32"],
    ["10.0.0.0/08", "a number from 0 to 32"],
    ["10.0.0.0/-1", "a number from 0 to 32"],
    ["10.0.0.0/8/8", "a number from 0 to 32"],
    ["10.0.0.0/255.0.0.0", "a number from 0 to 32"],
    ["fd00::/129", "a number from 0 to 128"],
    ["::ffff:10.0.0.0/129", "a number from 96 to 128"],
    ["::ffff:0.0.0.0/95", "bits set after the first 95"],
    ["10.0.0.1/8", "bits set after the first 8"],
    ["10.0.0.128/24", "bits set after the first 24"],
    ["10.0.0.1/0", "bits set after the first 0"],
    ["fd00::1/64", "bits set after the first 64"],
    ["fd01::/15", "bits set after the first 15"],
  ] as const;
  for (const [text, why] of cases) {
    const error = assertThrows(() => parseCidr(text), RangeError);
    assertStringIncludes(error.message, `Cannot read the network "${text}": `);
    assertStringIncludes(error.message, why);
  }
});

Deno.test("parseAddress() gives one spelling when an address has several", () => {
  const cases = [
    ["192.0.2.1", "ipv4", "192.0.2.1"],
    ["::ffff:192.0.2.1", "ipv4", "192.0.2.1"],
    ["::FFFF:c000:201", "ipv4", "192.0.2.1"],
    ["2001:DB8:0:0::1", "ipv6", "2001:db8::1"],
    ["::192.0.2.1", "ipv6", "::c000:201"],
  ] as const;
  for (const [text, kind, canonical] of cases) {
    const address = parseAddress(text);
    assertEquals([address?.kind, address?.text], [kind, canonical], text);
  }
});

Deno.test("parseAddress() gives nothing when a text is no address", () => {
  for (
    const text of ["", "unix", "127.1", "0x7f.0.0.1", "[::1]", "fe80::1%eth0"]
  ) {
    assertEquals(parseAddress(text), undefined, text);
  }
});

Deno.test("contains() compares the leading bits of addresses of one kind", () => {
  const network = parseCidr("192.0.2.128/25");
  assert(contains(network, parseAddress("192.0.2.255")!));
  assertFalse(contains(network, parseAddress("192.0.2.127")!));
  assertFalse(contains(parseCidr("::/0"), parseAddress("192.0.2.255")!));
});
