import { assertEquals } from "@std/assert";
import { ConnectionCounts } from "../../upgrade/_connection_counts.ts";

function tcp(hostname: string): Deno.Addr {
  return { transport: "tcp", hostname, port: 1 };
}

/** Whether a connection from `b` may enter beside one from `a`. */
function countApart(a: string, b: string): boolean {
  const counts = new ConnectionCounts({ total: 9, perAddress: 1 });
  assertEquals(counts.enter(tcp(a)), true);
  return counts.enter(tcp(b));
}

Deno.test("ConnectionCounts.enter() refuses when the total is reached", () => {
  const counts = new ConnectionCounts({ total: 2, perAddress: Infinity });
  assertEquals(counts.enter(tcp("192.0.2.1")), true);
  assertEquals(counts.enter({ transport: "unix", path: "/a" }), true);
  assertEquals(counts.enter(tcp("192.0.2.2")), false);
  counts.leave({ transport: "unix", path: "/a" });
  assertEquals(counts.enter(tcp("192.0.2.2")), true);
  assertEquals(counts.enter(tcp("192.0.2.2")), false);
});

Deno.test("ConnectionCounts.enter() refuses when an address has its share", () => {
  const counts = new ConnectionCounts({ total: 9, perAddress: 2 });
  const [a, b] = [tcp("192.0.2.1"), tcp("192.0.2.2")];
  assertEquals([a, a, a, b].map((addr) => counts.enter(addr)), [
    true,
    true,
    false,
    true,
  ]);
  counts.leave(a);
  assertEquals([counts.enter(a), counts.enter(a)], [true, false]);
});

Deno.test("ConnectionCounts.enter() counts a refused connection nowhere", () => {
  const counts = new ConnectionCounts({ total: 2, perAddress: 1 });
  const [a, b] = [tcp("192.0.2.1"), tcp("192.0.2.2")];
  assertEquals([a, a, a, b].map((addr) => counts.enter(addr)), [
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("ConnectionCounts.enter() knows no share of a unix socket", () => {
  const counts = new ConnectionCounts({ total: 9, perAddress: 1 });
  const addr = { transport: "unix", path: "/a" } as const;
  assertEquals([counts.enter(addr), counts.enter(addr)], [true, true]);
});

Deno.test("ConnectionCounts.enter() takes an IPv6 network of /64 for one address", () => {
  assertEquals(countApart("2001:db8::1", "2001:db8::2:0:0:1"), false);
  assertEquals(countApart("2001:db8:1:2:3::4", "2001:db8:1:2::5"), false);
  assertEquals(countApart("2001:db8::1", "2001:db8:0:1::1"), true);
  assertEquals(countApart("::1", "::"), false);
  assertEquals(countApart("::1", "0:0:0:1::"), true);
});

Deno.test("ConnectionCounts.enter() takes a mapped IPv4 address for that address", () => {
  assertEquals(countApart("::ffff:192.0.2.1", "192.0.2.1"), false);
  assertEquals(countApart("::ffff:192.0.2.1", "::ffff:192.0.2.2"), true);
});

Deno.test("ConnectionCounts.enter() takes all spellings of an address for one", () => {
  assertEquals(countApart("fe80::1%eth0", "FE80:0:0:0::2%eth1"), false);
  assertEquals(countApart("2001:db8::", "2001:0DB8:0000::1"), false);
  assertEquals(countApart("::ffff:c000:201", "192.0.2.1"), false);
});

Deno.test("ConnectionCounts.enter() takes what is no address as it is", () => {
  assertEquals(countApart("localhost", "localhost"), false);
  assertEquals(countApart("localhost", "elsewhere"), true);
});
