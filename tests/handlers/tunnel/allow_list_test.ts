import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AllowList } from "../../../handlers/tunnel/allow_list.ts";

Deno.test("AllowList.has() says yes when an entry has the host and the port", () => {
  const cases = [
    ["a.example:443", "a.example", 443],
    ["A.Example.:443", "a.example", 443],
    ["a.example:443", "a.example.", 443],
    ["bücher.example:443", "xn--bcher-kva.example", 443],
    ["localhost:80", "localhost", 80],
    ["my_host:80", "my_host", 80],
    ["*.example.com:443", "a.example.com", 443],
    ["*.example.com:443", "a.b.example.com.", 443],
    ["*.EXAMPLE.com.:443", "a.example.com", 443],
    ["192.0.2.1:22", "192.0.2.1", 22],
    ["192.0.2.1:22", "::ffff:c000:201", 22],
    ["[::ffff:192.0.2.1]:22", "192.0.2.1", 22],
    ["[2001:DB8:0::1]:22", "2001:db8::1", 22],
    ["*:443", "a.example", 443],
    ["*:443", "192.0.2.1", 443],
    ["*:443", "2001:db8::1", 443],
    ["a.example:*", "a.example", 1],
    ["a.example:*", "a.example", 65535],
    ["a.example:8000-8999", "a.example", 8000],
    ["a.example:8000-8999", "a.example", 8999],
    ["a.example:80-80", "a.example", 80],
  ] as const;
  for (const [entry, host, port] of cases) {
    assert(new AllowList([entry]).has({ host, port }), `${entry} ${host}`);
    assert(new AllowList(["other.example:1", entry]).has({ host, port }));
  }
});

Deno.test("AllowList.has() says no when no entry has the host and the port", () => {
  const cases = [
    ["a.example:443", "b.example", 443],
    ["a.example:443", "a.example", 80],
    ["a.example:443", "aa.example", 443],
    ["a.example:443", "a.example.org", 443],
    ["a.example:443", "x.a.example", 443],
    ["*.example.com:443", "example.com", 443],
    ["*.example.com:443", ".example.com", 443],
    ["*.example.com:443", "badexample.com", 443],
    ["*.example.com:443", "a.example.com.evil.example", 443],
    ["a.example:8000-8999", "a.example", 7999],
    ["a.example:8000-8999", "a.example", 9000],
    ["a.example:*", "a.example", 0],
    ["192.0.2.1:22", "192.0.2.10", 22],
    ["192.0.2.1:22", "::c000:201", 22],
    ["[2001:db8::1]:22", "2001:db8::2", 22],
  ] as const;
  for (const [entry, host, port] of cases) {
    assertFalse(new AllowList([entry]).has({ host, port }), `${entry} ${host}`);
  }
  assertFalse(new AllowList([]).has({ host: "a.example", port: 443 }));
});

Deno.test("AllowList() throws a RangeError that says why when an entry cannot be read", () => {
  const cases = [
    ["", "no host and port"],
    ["a.example", "no host and port"],
    [":443", "no host and port"],
    ["a.example:", "no host and port"],
    ["2001:db8::1:443", "no host and port"],
    ["[::1]", "no host and port"],
    ["a.example:0", "the port"],
    ["a.example:65536", "the port"],
    ["a.example:0443", "the port"],
    ["a.example:-443", "the port"],
    ["a.example:90-80", "the port"],
    ["a.example:80-65536", "the port"],
    ["a.example:80,443", "the port"],
    ["a.example:https", "the port"],
    ["a.example: 443", "the port"],
    [" a.example:443", "the host"],
    ["http://a.example:443", "no host and port"],
    ["user@a.example:443", "the host"],
    ["a.example/path:443", "the host"],
    ["a..example:443", "the host"],
    [".example.com:443", "the host"],
    ["**.example.com:443", "the host"],
    ["a.*.example.com:443", "the host"],
    ["*example.com:443", "the host"],
    ["*.:443", "the host"],
    ["*.192.0.2.1:443", "the host"],
    ["*.0.2.1:443", "the host"],
    ["*.[::1]:443", "no host and port"],
    ["127.1:443", "the host"],
    ["0x7f.0.0.1:443", "the host"],
    ["192.0.2.256:443", "the host"],
    ["192.0.2.0/24:443", "the host"],
    ["[192.0.2.1]:443", "the host"],
    ["[fe80::1%eth0]:443", "the host"],
    ["[a.example]:443", "the host"],
    ["[]:443", "the host"],
  ] as const;
  for (const [entry, why] of cases) {
    const error = assertThrows(
      () => new AllowList(["b.example:1", entry]),
      RangeError,
    );
    assertStringIncludes(error.message, why, entry);
    assertEquals(
      error.message.startsWith(`Cannot allow tunnels to "${entry}": `),
      true,
    );
  }
});
