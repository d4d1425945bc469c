import { assert, assertEquals, assertFalse } from "@std/assert";
import { parseAddress, parseCidr } from "../../../upgrade/network.ts";
import { isPublic, reachableOf } from "../../../handlers/tunnel/reachable.ts";

const PUBLIC = [
  ["1.1.1.1", "unicast"],
  ["9.255.255.255", "below 10.0.0.0/8"],
  ["11.0.0.0", "above 10.0.0.0/8"],
  ["100.63.255.255", "below the shared space"],
  ["100.128.0.0", "above the shared space"],
  ["126.255.255.255", "below loopback"],
  ["128.0.0.0", "above loopback"],
  ["169.253.255.255", "below link-local"],
  ["169.255.0.0", "above link-local"],
  ["172.15.255.255", "below 172.16.0.0/12"],
  ["172.32.0.0", "above 172.16.0.0/12"],
  ["192.0.1.0", "above the protocol assignments"],
  ["192.167.255.255", "below 192.168.0.0/16"],
  ["192.169.0.0", "above 192.168.0.0/16"],
  ["198.17.255.255", "below benchmarking"],
  ["198.20.0.0", "above benchmarking"],
  ["223.255.255.255", "below multicast"],
  ["2606:4700::1111", "unicast"],
  ["2001:200::1", "above the protocol assignments"],
  ["2001:db7:ffff::", "below documentation"],
  ["2001:db9::", "above documentation"],
  ["2003::1", "above 6to4"],
  ["3fff:1000::", "above documentation"],
  ["::ffff:1.1.1.1", "IPv4-mapped"],
  ["64:ff9b::1.1.1.1", "NAT64"],
] as const;

const NOT_PUBLIC = [
  ["0.0.0.0", "unspecified"],
  ["0.255.255.255", "this network"],
  ["10.0.0.0", "private"],
  ["10.255.255.255", "private"],
  ["100.64.0.0", "shared"],
  ["100.127.255.255", "shared"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.255", "loopback"],
  ["169.254.169.254", "link-local"],
  ["172.16.0.0", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.9", "protocol assignment"],
  ["192.0.2.1", "documentation"],
  ["192.88.99.1", "6to4 relay"],
  ["192.168.0.0", "private"],
  ["192.168.255.255", "private"],
  ["198.18.0.0", "benchmarking"],
  ["198.19.255.255", "benchmarking"],
  ["198.51.100.1", "documentation"],
  ["203.0.113.1", "documentation"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.0", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::127.0.0.1", "IPv4-compatible"],
  ["::1.1.1.1", "IPv4-compatible"],
  ["::ffff:127.0.0.1", "IPv4-mapped"],
  ["::ffff:a9fe:a9fe", "IPv4-mapped"],
  ["::ffff:0:1.1.1.1", "IPv4-translated"],
  ["64:ff9b::10.0.0.1", "NAT64"],
  ["64:ff9b::a9fe:a9fe", "NAT64"],
  ["64:ff9b:1::1.1.1.1", "local NAT64"],
  ["100::1", "discard"],
  ["2001::1", "Teredo"],
  ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"],
  ["2001:2::1", "benchmarking"],
  ["2001:20::1", "ORCHID"],
  ["2001:1ff:ffff::", "protocol assignment"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::", "6to4"],
  ["2002:101:101::", "6to4"],
  ["3fff::1", "documentation"],
  ["3fff:fff::", "documentation"],
  ["5f00::1", "segment routing"],
  ["fc00::1", "unique local"],
  ["fdff::1", "unique local"],
  ["fe80::1", "link-local"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["4000::1", "not assigned"],
] as const;

for (const [text, what] of PUBLIC) {
  Deno.test(`isPublic() says yes when the address is ${text}, ${what}`, () => {
    assert(isPublic(parseAddress(text)!));
  });
}

for (const [text, what] of NOT_PUBLIC) {
  Deno.test(`isPublic() says no when the address is ${text}, ${what}`, () => {
    assertFalse(isPublic(parseAddress(text)!));
  });
}

Deno.test("reachableOf() keeps public addresses in their order, and what is in the networks", () => {
  const found = [
    "2606:4700::1111",
    "10.0.0.1",
    "1.1.1.1",
    "192.168.0.1",
    "fd00::1",
    "::ffff:10.0.0.2",
  ];
  assertEquals(reachableOf(found, []), ["2606:4700::1111", "1.1.1.1"]);
  assertEquals(
    reachableOf(found, [parseCidr("10.0.0.0/8"), parseCidr("fd00::/8")]),
    ["2606:4700::1111", "10.0.0.1", "1.1.1.1", "fd00::1", "10.0.0.2"],
  );
  assertEquals(reachableOf(["127.0.0.1", "::1"], []), []);
});

Deno.test("reachableOf() keeps no address inside of another when only the inner one is in the networks", () => {
  const networks = [parseCidr("10.0.0.0/8")];
  const found = ["64:ff9b::10.0.0.1", "2002:a00:1::", "::10.0.0.1"];
  assertEquals(reachableOf(found, networks), []);
});

Deno.test("reachableOf() leaves out what is no address or has a zone", () => {
  const everything = [parseCidr("0.0.0.0/0"), parseCidr("::/0")];
  const found = ["", "a.example", "127.1", "fe80::1%eth0", "[::1]", "::1"];
  assertEquals(reachableOf(found, everything), ["::1"]);
});
