import { assertEquals } from "@std/assert";
import {
  isAuthority,
  parseAuthority,
} from "../../../upgrade/http1/authority.ts";

Deno.test("parseAuthority() gives host and port when both are valid", () => {
  const cases = [
    ["a.example", "a.example", ""],
    ["a.example:", "a.example", ""],
    ["A.Example:8000", "A.Example", "8000"],
    ["localhost:0", "localhost", "0"],
    ["localhost:65535", "localhost", "65535"],
    ["my-host_1~.example.", "my-host_1~.example.", ""],
    ["127.0.0.1:80", "127.0.0.1", "80"],
    ["[::1]", "[::1]", ""],
    ["[::1]:", "[::1]", ""],
    ["[2001:DB8::192.0.2.1]:443", "[2001:DB8::192.0.2.1]", "443"],
    ["a%2Db.example", "a%2Db.example", ""],
    ["xn--bcher-kva.example", "xn--bcher-kva.example", ""],
    ["!$&'()*+,;=", "!$&'()*+,;=", ""],
  ] as const;
  for (const [text, host, port] of cases) {
    assertEquals(parseAuthority(text), { host, port }, text);
  }
});

Deno.test("parseAuthority() gives undefined when a text is no host with a port", () => {
  const cases = [
    "",
    ":80",
    "a b",
    "user@a.example",
    "a.example/path",
    "a.example?query",
    "a.example#fragment",
    "a.example:80:80",
    "a.example:x",
    "a.example:-1",
    "a.example:+1",
    "a.example: 80",
    "a.example:65536",
    "a.example:000080",
    "a.example,b.example:80,",
    "a\\b",
    "b\xfccher.example",
    "::1",
    "[::1",
    "::1]",
    "[]",
    "[::1]x",
    "[::1]x:80",
    "[:::1]",
    "[::g]",
    "[::1%25eth0]",
    "[v1.fe]",
    "[::1]/?]",
    "[::1]@a]",
    "[[::1]]",
    "a%zz",
    "a%2",
    "a%20b",
    "a%2Fb",
    "1.2.3.999",
    "1.2.3.999.",
    "1.2.3.4.5",
    "xn--a",
  ];
  for (const text of cases) assertEquals(parseAuthority(text), undefined, text);
});

Deno.test("parseAuthority() takes no host when a URL could not hold it", () => {
  const labels = ["a", "1", "0x", "0x1g", "1a", "a1", "xn--a", "-", "_", ""];
  for (const first of labels) {
    for (const second of labels) {
      for (const host of [`${first}.${second}`, `${first}.${second}.`]) {
        assertEquals(
          parseAuthority(host) !== undefined,
          URL.canParse(`http://${host}/`),
          host,
        );
      }
    }
  }
});

Deno.test("isAuthority() judges a text anew when the last one was valid", () => {
  const cases = [
    ["a", true],
    ["a", true],
    ["", false],
    ["a b", false],
    [
      "a b",
      false,
    ],
    ["b", true],
    ["a", true],
  ] as const;
  for (const [text, valid] of cases) assertEquals(isAuthority(text), valid);
});
