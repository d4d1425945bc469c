import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { FieldLines } from "../../upgrade/http1/mod.ts";
import { forwardedFor, TrustedProxies } from "../../upgrade/trusted_proxy.ts";

const PROXY = { remoteAddress: "10.0.0.1", remotePort: 50_000 };
const TRUSTED = new TrustedProxies(["10.0.0.0/8", "fd00::/8"]);

/** Field lines as `Name: value`, one a line. */
function fieldLines(...lines: string[]): FieldLines {
  return lines.map((line) => {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, "");
    return [line.slice(0, colon).toLowerCase(), value];
  });
}

/** What is known of a request that the trusted proxy passes on. */
function toldBy(...lines: string[]) {
  return forwardedFor({ ...PROXY, fields: fieldLines(...lines) }, TRUSTED);
}

Deno.test("TrustedProxies.trusts() says yes when an address is in a network", () => {
  const cases = [
    ["10.0.0.0/8", "10.255.255.255"],
    ["10.0.0.0/8", "::ffff:10.0.0.1"],
    ["10.0.0.0/8", "::FFFF:a00:1"],
    ["::ffff:10.0.0.0/104", "10.9.8.7"],
    ["192.0.2.128/25", "192.0.2.255"],
    ["192.0.2.7", "192.0.2.7"],
    ["0.0.0.0/0", "203.0.113.1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["fd00::/8", "fdff::1"],
    ["fe80::/10", "febf::1"],
    ["::/0", "2001:db8::1"],
    ["unix", "unix"],
  ] as const;
  for (const [network, address] of cases) {
    assert(new TrustedProxies([network]).trusts(address), `${address}`);
    assert(new TrustedProxies(["192.0.2.99", network]).trusts(address));
  }
});

Deno.test("TrustedProxies.trusts() says no when an address is in no network", () => {
  const cases = [
    ["10.0.0.0/8", "11.0.0.0"],
    ["10.0.0.0/8", "::10.0.0.1"],
    ["10.0.0.0/8", "unix"],
    ["10.0.0.0/8", "a00::1"],
    ["192.0.2.128/25", "192.0.2.127"],
    ["192.0.2.7", "192.0.2.6"],
    ["0.0.0.0/0", "::1"],
    ["0.0.0.0/0", "unix"],
    ["::/0", "203.0.113.1"],
    ["::/0", "::ffff:203.0.113.1"],
    ["::/0", "unix"],
    ["fe80::/10", "fec0::1"],
    ["fe80::/10", "fe80::1%eth0"],
    ["::1", "[::1]"],
    ["::1", ""],
    ["::1", "localhost"],
    ["unix", "127.0.0.1"],
    ["unix", "unix:"],
  ] as const;
  for (const [network, address] of cases) {
    assertFalse(new TrustedProxies([network]).trusts(address), address);
  }
  assertFalse(new TrustedProxies([]).trusts("127.0.0.1"));
});

Deno.test("TrustedProxies() throws when a network cannot be read", () => {
  assertThrows(() => new TrustedProxies(["::1", "x"]), RangeError, '"x"');
});

Deno.test("TrustedProxies.trusts() agrees with arithmetic when networks are arbitrary", () => {
  const families = [
    { bits: 32, address: fc.ipV4() },
    { bits: 128, address: fc.ipV6() },
  ];
  for (const { bits, address } of families) {
    fc.assert(
      fc.property(
        address,
        fc.nat(bits),
        fc.nat(bits - 1),
        (base, prefix, flipped) => {
          const low = valueOf(base, bits) >> BigInt(bits - prefix) <<
            BigInt(bits - prefix);
          const network = `${textOf(low, bits)}/${prefix}`;
          const other = textOf(low ^ (1n << BigInt(bits - 1 - flipped)), bits);
          const trusted = new TrustedProxies([network]);
          assert(trusted.trusts(base), `${base} in ${network}`);
          assertEquals(trusted.trusts(other), flipped >= prefix, network);
        },
      ),
      { seed: 7239 },
    );
  }
});

/** An address as one number, read by another way than the tested one. */
function valueOf(address: string, bits: number): bigint {
  if (bits === 32) {
    return address.split(".").reduce(
      (sum, byte) => sum << 8n | BigInt(byte),
      0n,
    );
  }
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(address)?.[0];
  const hex = dotted === undefined ? address : address.replace(
    dotted,
    valueOf(dotted, 32).toString(16).padStart(8, "0").replace(/.{4}/, "$&:"),
  );
  const [head = "", tail] = hex.split("::");
  const groupsOf = (half: string) => half === "" ? [] : half.split(":");
  const last = groupsOf(tail ?? "");
  const first = groupsOf(head);
  const zeros = Array(8 - first.length - last.length).fill("0");
  return [...first, ...zeros, ...last].reduce(
    (sum, group) => sum << 16n | BigInt(`0x${group}`),
    0n,
  );
}

function textOf(value: bigint, bits: number): string {
  const size = bits === 32 ? 8n : 16n;
  const parts = [];
  for (let at = BigInt(bits) - size; at >= 0n; at -= size) {
    const part = value >> at & ((1n << size) - 1n);
    parts.push(part.toString(bits === 32 ? 10 : 16));
  }
  return parts.join(bits === 32 ? "." : ":");
}

Deno.test("forwardedFor() gives the socket's facts when the peer is not trusted", () => {
  const fields = fieldLines(
    "Forwarded: for=192.0.2.1;proto=https;host=a.example",
    "X-Forwarded-For: 192.0.2.1",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: a.example",
  );
  for (const remoteAddress of ["203.0.113.9", "2001:db8::1", "unix", ""]) {
    const peer = { remoteAddress, remotePort: 7 };
    assertEquals(forwardedFor({ ...peer, fields }, TRUSTED), peer);
  }
  const nobody = new TrustedProxies([]);
  assertEquals(forwardedFor({ ...PROXY, fields }, nobody), PROXY);
});

Deno.test("forwardedFor() gives the socket's facts when no field tells more", () => {
  assertEquals(toldBy(), PROXY);
  assertEquals(toldBy("Host: a.example", "X-Real-IP: 192.0.2.1"), PROXY);
  assertEquals(toldBy("Forwarded:", "X-Forwarded-For:"), PROXY);
  assertEquals(toldBy("Forwarded: ,, ,", "X-Forwarded-For: , ,"), PROXY);
  assertEquals(
    forwardedFor({ remoteAddress: "10.0.0.1", fields: [] }, TRUSTED),
    { remoteAddress: "10.0.0.1" },
  );
});

Deno.test("forwardedFor() believes a unix socket when unix is trusted", () => {
  const fields = fieldLines("X-Forwarded-For: 192.0.2.1");
  assertEquals(
    forwardedFor(
      { remoteAddress: "unix", fields },
      new TrustedProxies(["unix"]),
    ),
    { remoteAddress: "192.0.2.1" },
  );
});

Deno.test("forwardedFor() reads Forwarded when its grammar is RFC 7239's", () => {
  const client = { remoteAddress: "192.0.2.1" };
  const cases = [
    ["for=192.0.2.1", client],
    ["FOR=192.0.2.1", client],
    ['for="192.0.2.1"', client],
    ['for="192.0.2.1:4711"', { ...client, remotePort: 4711 }],
    ['for="192.0.2.1:_port"', client],
    ['for="\\192.0.2.\\1"', client],
    ['for="[2001:DB8:0::1]"', { remoteAddress: "2001:db8::1" }],
    [
      'for="[2001:db8::1]:0"',
      { remoteAddress: "2001:db8::1", remotePort: 0 },
    ],
    ['for="[::ffff:192.0.2.1]:65535"', { ...client, remotePort: 65535 }],
    ["for=192.0.2.1;proto=https", { ...client, scheme: "https" }],
    ["for=192.0.2.1;proto=HTTP", { ...client, scheme: "http" }],
    ["for=192.0.2.1;proto=wss", { ...client, scheme: "https" }],
    ["for=192.0.2.1;proto=ws", { ...client, scheme: "http" }],
    [
      'host="a.example:8443";for=192.0.2.1;by=_me;proto=https',
      { ...client, scheme: "https", authority: "a.example:8443" },
    ],
    ['for=192.0.2.1;host="[::1]:80"', { ...client, authority: "[::1]:80" }],
    ["for=192.0.2.1;host=a.example", { ...client, authority: "a.example" }],
    ['for=192.0.2.1;secret="a, for=x; \\"b"', client],
    [";for=192.0.2.1;;", client],
    ["for=192.0.2.1 ; proto=https", { ...client, scheme: "https" }],
    [", for=192.0.2.1 ,\t,", client],
    ["proto=https", { ...PROXY, scheme: "https" }],
    [`for=192.0.2.1;__proto__=a;constructor=b`, client],
  ] as const;
  for (const [value, facts] of cases) {
    assertEquals(toldBy(`Forwarded: ${value}`), facts, value);
  }
});

Deno.test("forwardedFor() ignores Forwarded when it is malformed on the way", () => {
  const cases = [
    "192.0.2.1",
    "for",
    "for=",
    "=192.0.2.1",
    "for =192.0.2.1",
    "for= 192.0.2.1",
    "for=192.0.2.1 proto=https",
    "for=192.0.2.1;for=192.0.2.1",
    "for=192.0.2.1;proto=http;PROTO=https",
    'for="192.0.2.1',
    'for="192.0.2.1"x',
    'for="192.0.2.1\\"',
    "for=192.0.2.1:80",
    "for=[2001:db8::1]",
    'for="2001:db8::1"',
    'for="[2001:db8::1"',
    'for="[192.0.2.1]"',
    'for="[fe80::1%eth0]"',
    'for="[fe80::1%25eth0]"',
    'for="[::1]x"',
    'for="[]"',
    'for=""',
    'for="192.0.2.1:"',
    'for="192.0.2.1:65536"',
    'for="192.0.2.1:000080"',
    'for="192.0.2.1:_"',
    'for="192.0.2.1:x"',
    'for="192.0.2.1, 10.0.0.2"',
    "for=192.0.2.256",
    "for=localhost",
    "for=unix",
    "for=_",
    'for="_a b"',
    "for=192.0.2.1;proto=ftp",
    "for=192.0.2.1;proto=__proto__",
    'for=192.0.2.1;proto=""',
    'for=192.0.2.1;host=""',
    'for=192.0.2.1;host="a b"',
    'for=192.0.2.1;host="user@a.example"',
    'for=192.0.2.1;host="a.example/path"',
    'for=192.0.2.1;host="a.example:65536"',
    "for=192.0.2.1;host=a.example\u00a0",
    "for=localhost, for=10.0.0.2",
    'for="192.0.2.1, for=192.0.2.2',
  ];
  for (const value of cases) {
    assertEquals(toldBy(`Forwarded: ${value}`), PROXY, value);
  }
});

Deno.test("forwardedFor() stops at the first untrusted address when it reads Forwarded from the end", () => {
  const cases = [
    [["for=192.0.2.1, for=10.0.0.2"], "192.0.2.1"],
    [["for=192.0.2.1,for=10.0.0.2,for=10.0.0.3"], "192.0.2.1"],
    [["for=192.0.2.1", "for=10.0.0.2", "for=10.0.0.3"], "192.0.2.1"],
    [["for=192.0.2.1", 'for="[fd00::2]"'], "192.0.2.1"],
    [['for="[::ffff:192.0.2.1]"', 'for="[::ffff:10.0.0.2]"'], "192.0.2.1"],
    [["for=198.51.100.1, for=192.0.2.1"], "192.0.2.1"],
    [["for=10.0.0.9, for=192.0.2.1, for=10.0.0.2"], "192.0.2.1"],
    [["for=198.51.100.1", "for=192.0.2.1", "for=10.0.0.2"], "192.0.2.1"],
    [['for="broken', "for=192.0.2.1"], "192.0.2.1"],
    [["for=localhost, for=192.0.2.1"], "192.0.2.1"],
    [["for=10.0.0.3, for=10.0.0.2"], "10.0.0.3"],
    [["for=192.0.2.1, for=unknown"], "10.0.0.1"],
    [["for=192.0.2.1, for=UNKNOWN, for=10.0.0.2"], "10.0.0.2"],
    [['for=192.0.2.1, for="_gazonk:_p"'], "10.0.0.1"],
    [['for=192.0.2.1, for="unknown:80"'], "10.0.0.1"],
    [["for=192.0.2.1, proto=http"], "10.0.0.1"],
    [["for=192.0.2.1, ;"], "10.0.0.1"],
  ] as const;
  for (const [values, address] of cases) {
    const lines = values.map((value) => `Forwarded: ${value}`);
    assertEquals(toldBy(...lines).remoteAddress, address, lines.join("\n"));
  }
});

Deno.test("forwardedFor() takes proto and host from the client's hop when Forwarded has several", () => {
  assertEquals(
    toldBy(
      "Forwarded: for=198.51.100.1;proto=http;host=spoofed.example",
      'Forwarded: for="192.0.2.1:4711";proto=https;host=a.example, ' +
        "for=10.0.0.2;proto=http;host=inner.example",
    ),
    {
      remoteAddress: "192.0.2.1",
      remotePort: 4711,
      scheme: "https",
      authority: "a.example",
    },
  );
  assertEquals(
    toldBy(
      "Forwarded: for=198.51.100.1;proto=https;host=spoofed.example, " +
        "for=192.0.2.1, for=10.0.0.2;proto=http;host=inner.example",
    ),
    { remoteAddress: "192.0.2.1" },
  );
  assertEquals(
    toldBy("Forwarded: for=192.0.2.1;proto=http, for=unknown;proto=https"),
    { ...PROXY, scheme: "https" },
  );
});

Deno.test("forwardedFor() stops at the first untrusted address when it reads X-Forwarded-For from the end", () => {
  const client = { remoteAddress: "192.0.2.1" };
  const cases = [
    [["192.0.2.1"], client],
    [["192.0.2.1, 10.0.0.2"], client],
    [["192.0.2.1,10.0.0.2,\t10.0.0.3"], client],
    [["192.0.2.1", "10.0.0.2", "10.0.0.3"], client],
    [["198.51.100.1, 192.0.2.1"], client],
    [["10.0.0.9, 192.0.2.1, 10.0.0.2"], client],
    [["198.51.100.1", "192.0.2.1"], client],
    [["<script>, 192.0.2.1"], client],
    [["192.0.2.1:4711, 10.0.0.2:80"], { ...client, remotePort: 4711 }],
    [["2001:DB8::1, fd00::2"], { remoteAddress: "2001:db8::1" }],
    [["[2001:db8::1], [fd00::2]:80"], { remoteAddress: "2001:db8::1" }],
    [["[2001:db8::1]:9"], { remoteAddress: "2001:db8::1", remotePort: 9 }],
    [["::ffff:192.0.2.1, ::ffff:10.0.0.2"], client],
    [["10.0.0.3, 10.0.0.2"], { remoteAddress: "10.0.0.3" }],
    [["192.0.2.1, unknown"], PROXY],
    [["192.0.2.1, unknown, 10.0.0.2"], { remoteAddress: "10.0.0.2" }],
    [["localhost, 10.0.0.2"], PROXY],
    [["192.0.2.1, unix:"], PROXY],
    [["192.0.2.1, unix"], PROXY],
    [["192.0.2.1, fe80::1%eth0"], PROXY],
    [['"192.0.2.1"'], PROXY],
    [["192.0.2.1 10.0.0.2"], PROXY],
    [["for=192.0.2.1"], PROXY],
  ] as const;
  for (const [values, facts] of cases) {
    const lines = values.map((value) => `X-Forwarded-For: ${value}`);
    assertEquals(toldBy(...lines), facts, lines.join("\n"));
  }
});

Deno.test("forwardedFor() takes the last value when X-Forwarded-Proto and -Host have several", () => {
  const cases = [
    [["Proto: https"], { scheme: "https" }],
    [["Proto: HTTPS"], { scheme: "https" }],
    [["Proto: wss"], { scheme: "https" }],
    [["Proto: https, http"], { scheme: "http" }],
    [["Proto: http", "Proto: https"], { scheme: "https" }],
    [["Host: a.example:8443"], { authority: "a.example:8443" }],
    [["Host: spoofed.example, a.example"], { authority: "a.example" }],
    [["Host: spoofed.example", "Host: a.example"], { authority: "a.example" }],
    [["Proto: ftp", "Host: a.example"], { authority: "a.example" }],
    [["Proto: https", "Host: a b"], { scheme: "https" }],
    [["Host: a.example, user@b.example"], {}],
    [["Host:", "Proto: ,"], {}],
  ] as const;
  for (const [values, facts] of cases) {
    const lines = values.map((value) => `X-Forwarded-${value}`);
    assertEquals(toldBy(...lines), { ...PROXY, ...facts }, lines.join("\n"));
    assertEquals(
      toldBy("X-Forwarded-For: 192.0.2.1", ...lines),
      { remoteAddress: "192.0.2.1", ...facts },
      lines.join("\n"),
    );
    assertEquals(
      toldBy("X-Forwarded-For: localhost", ...lines),
      { ...PROXY, ...facts },
      lines.join("\n"),
    );
  }
});

Deno.test("forwardedFor() prefers Forwarded when X-Forwarded-* says the same", () => {
  const facts = {
    remoteAddress: "192.0.2.1",
    remotePort: 4711,
    scheme: "https",
  } as const;
  const forwarded = 'Forwarded: for="192.0.2.1:4711";proto=https';
  const cases = [
    ["X-Forwarded-For: 198.51.100.1, 192.0.2.1"],
    ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"],
    ["X-Forwarded-Proto: https", "X-Forwarded-Host: other.example"],
    ["X-Forwarded-For: ,"],
  ];
  for (const lines of cases) {
    assertEquals(toldBy(forwarded, ...lines), facts, lines.join("\n"));
  }
  assertEquals(
    toldBy("Forwarded:", "X-Forwarded-For: 192.0.2.1"),
    { remoteAddress: "192.0.2.1" },
  );
});

Deno.test("forwardedFor() believes neither family when one contradicts the other or is malformed", () => {
  const forwarded = "Forwarded: for=192.0.2.1;proto=https;host=a.example";
  const cases = [
    [forwarded, "X-Forwarded-For: 198.51.100.1"],
    [forwarded, "X-Forwarded-For: 192.0.2.1, 198.51.100.1"],
    [forwarded, "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: http"],
    [forwarded, "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: b.example"],
    [forwarded, "X-Forwarded-For: localhost"],
    [forwarded, "X-Forwarded-Proto: ftp"],
    [forwarded, "X-Forwarded-Host: a b"],
    ['Forwarded: for="', "X-Forwarded-For: 192.0.2.1"],
    ["Forwarded: for=localhost", "X-Forwarded-Proto: https"],
  ];
  for (const lines of cases) {
    assertEquals(toldBy(...lines), PROXY, lines.join("\n"));
  }
});

const UNTRUSTED = fc.oneof(
  fc.ipV4().filter((address) => !address.startsWith("10.")),
  fc.ipV6().filter((address) => !TRUSTED.trusts(address)),
).filter((address) => !TRUSTED.trusts(address));
const TRUSTED_HOP = fc.oneof(
  fc.nat(0xffff).map((n) => `10.0.${n >> 8}.${n & 0xff}`),
  fc.nat(0xffff).map((n) => `fd00::${n.toString(16)}`),
);
const VALUE = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
});
const nodeOf = (address: string) =>
  address.includes(":") ? `"[${address}]"` : address;

Deno.test("forwardedFor() never trusts an entry when it stands left of an untrusted one", () => {
  const spoofedAddress = fc.oneof(UNTRUSTED, TRUSTED_HOP);
  const tail = fc.array(TRUSTED_HOP, { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(VALUE, spoofedAddress)),
      UNTRUSTED,
      tail,
      fc.boolean(),
      (spoofed, client, proxies, oneLine) => {
        const separator = oneLine ? ", " : "\nX-Forwarded-For: ";
        const linesOf = (entries: string[]) =>
          `X-Forwarded-For: ${entries.join(separator)}`.split("\n");
        const honest = toldBy(...linesOf([client, ...proxies]));
        assertEquals(
          toldBy(...linesOf([...spoofed, client, ...proxies])),
          honest,
        );
        assert(new TrustedProxies([client]).trusts(honest.remoteAddress));
      },
    ),
    { seed: 7239, numRuns: 500 },
  );
  const element = fc.tuple(
    fc.oneof(spoofedAddress.map(nodeOf), fc.constantFrom("unknown", "_x")),
    fc.constantFrom("", ";proto=http", ";proto=https", ";proto=gopher"),
    fc.constantFrom("", ";host=spoofed.example", ';host="a b"'),
  ).map(([node, proto, host]) => `for=${node}${proto}${host}`);
  fc.assert(
    fc.property(
      fc.array(VALUE),
      fc.array(element),
      UNTRUSTED,
      tail,
      (junkLines, spoofed, client, proxies) => {
        const own = `for=${nodeOf(client)};proto=https;host=a.example`;
        const rest = [own, ...proxies.map((hop) => `for=${nodeOf(hop)}`)];
        const honest = toldBy(`Forwarded: ${rest.join(", ")}`);
        assertEquals(
          toldBy(
            ...junkLines.map((junk) => `Forwarded: ${junk}`),
            `Forwarded: ${[...spoofed, ...rest].join(", ")}`,
          ),
          honest,
        );
        assert(new TrustedProxies([client]).trusts(honest.remoteAddress));
        assertEquals([honest.scheme, honest.authority], ["https", "a.example"]);
      },
    ),
    { seed: 7239, numRuns: 500 },
  );
});

Deno.test("forwardedFor() gives an address and never throws when fields are arbitrary", () => {
  const name = fc.constantFrom(
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
  );
  const piece = fc.oneof(
    VALUE,
    UNTRUSTED,
    TRUSTED_HOP,
    fc.constantFrom(...'for= proto= host= , ; " \\ [ ] : _ https'.split(" ")),
  );
  const value = fc.array(piece).map((pieces) => pieces.join(""));
  const everyone = new TrustedProxies(["0.0.0.0/0", "::/0"]);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (fields) => {
      const facts = forwardedFor({ ...PROXY, fields }, TRUSTED);
      assert(everyone.trusts(facts.remoteAddress), facts.remoteAddress);
      if (facts.authority !== undefined) {
        assert(URL.canParse(`http://${facts.authority}/`), facts.authority);
      }
    }),
    { seed: 7239, numRuns: 2_000 },
  );
});
