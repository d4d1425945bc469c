import { assertEquals } from "@std/assert";
import { addressKey } from "../../../handlers/chat/address_key.ts";

for (
  const [address, expected] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["/run/chat.sock", "/run/chat.sock"],
    ["a::b::c", "a::b::c"],
    ["1:2:3", "1:2:3"],
    ["1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9"],
    ["1:2:3:4::5:6:7:8:9", "1:2:3:4::5:6:7:8:9"],
    ["g::1", "g::1"],
    ["", ""],
  ] as const
) {
  Deno.test(`addressKey() gives ${expected} for ${address}`, () => {
    assertEquals(addressKey(address), expected);
  });
}
