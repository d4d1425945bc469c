import { Buffer } from "node:buffer";
import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  type JwtOptions,
  jwtVerifier,
} from "../../../../handlers/chat/identity/jwt.ts";
import type { VerifiedToken } from "../../../../handlers/chat/identity/verified_token.ts";

const NOW = Date.UTC(2026, 0, 2);
const EXP = NOW / 1000 + 3600;
const CLAIMS = { iss: "https://login.test", sub: "7", name: "Ana", exp: EXP };
const SECRET = "0123456789abcdef0123456789abcdef";

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const OTHER_RSA = generateKeyPairSync("rsa", { modulusLength: 2048 });
const EC = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ED = generateKeyPairSync("ed25519");

type Claims = Readonly<Record<string, unknown>>;
type Signer = (text: string) => Buffer;

// Tokens are put together here, so that what judges them did not make them.
function token(header: Claims, claims: Claims, signer: Signer): string {
  const text = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url")
  ).join(".");
  return `${text}.${signer(text).toString("base64url")}`;
}

const hmac = (secret: string, hash = "sha256"): Signer => (text) =>
  createHmac(hash, secret).update(text).digest();
const rsa = (key: KeyObject): Signer => (text) =>
  sign("sha256", Buffer.from(text), key);
const ed: Signer = (text) => sign(null, Buffer.from(text), ED.privateKey);
const ec: Signer = (text) =>
  sign("sha256", Buffer.from(text), {
    key: EC.privateKey,
    dsaEncoding: "ieee-p1363",
  });

const hs256 = (claims: Claims = CLAIMS) =>
  token({ alg: "HS256" }, claims, hmac(SECRET));
const rs256 = (kid?: string, key = RSA.privateKey) =>
  token(
    { alg: "RS256", ...(kid === undefined ? {} : { kid }) },
    CLAIMS,
    rsa(key),
  );

const pem = (key: KeyObject) =>
  key.export({ type: "spki", format: "pem" }).toString();
const jwk = (key: KeyObject, kid: string) => ({
  ...key.export({ format: "jwk" }),
  kid,
});

function verifier(options: Partial<JwtOptions> = {}) {
  return jwtVerifier({ key: { secret: SECRET }, now: () => NOW, ...options });
}

function verified(verdict: unknown): VerifiedToken {
  assert(typeof verdict === "object", `refused: ${verdict}`);
  return verdict as VerifiedToken;
}

const PEM_CASES = [
  ["RS256", RSA.publicKey, rsa(RSA.privateKey)],
  ["ES256", EC.publicKey, ec],
  ["EdDSA", ED.publicKey, ed],
  ["Ed25519", ED.publicKey, ed],
] as const;

Deno.test("jwtVerifier() takes HS256 when the key is a secret", async () => {
  const { id, ...rest } = verified(await verifier().verify(hs256()));
  assertMatch(id, /^[\da-f]{32}$/);
  assertEquals(rest, {
    name: "Ana",
    expires: (EXP + 5) * 1000,
    isOwner: false,
  });
});

for (const [alg, key, signer] of PEM_CASES) {
  Deno.test(`jwtVerifier() takes ${alg} when the key is in PEM or a set`, async () => {
    const signed = token({ alg }, CLAIMS, signer);
    const jwks = JSON.stringify({ keys: [jwk(key, "1")] });
    for (const options of [{ pem: pem(key) }, { jwks }]) {
      const judge = verifier({ key: options });
      assertEquals(verified(await judge.verify(signed)).name, "Ana");
      const [head, , signature] = signed.split(".");
      const [, claims] = hs256({ ...CLAIMS, sub: "8" }).split(".");
      const spoiled = [head, claims, signature].join(".");
      assertEquals(await judge.verify(spoiled), "invalid_token");
    }
  });
}

Deno.test("jwtVerifier() gives one id to each issuer and subject", async () => {
  const id = async (claims: Claims) =>
    verified(await verifier().verify(hs256({ ...CLAIMS, ...claims }))).id;
  const own = await id({});
  assertEquals(await id({ name: "Anna", exp: EXP + 1 }), own);
  assertNotEquals(await id({ sub: "8" }), own);
  assertNotEquals(await id({ iss: "https://other.test" }), own);
  assertNotEquals(await id({ sub: "77" }), await id({ iss: `${CLAIMS.iss}7` }));
  assertEquals(await id({ iss: undefined }), await id({ iss: "" }));
});

for (
  const [why, claims, options] of [
    ["it has expired", { exp: NOW / 1000 - 5 }, {}],
    ["it has no exp", { exp: undefined }, {}],
    ["its exp is no number", { exp: `${EXP}` }, {}],
    ["it is not valid yet", { nbf: NOW / 1000 + 6 }, {}],
    ["it has no sub", { sub: undefined }, {}],
    ["its sub is empty", { sub: "" }, {}],
    ["its sub is no string", { sub: 7 }, {}],
    ["it has no name", { name: undefined }, {}],
    ["its name is no string", { name: ["Ana"] }, {}],
    ["it has no issuer", { iss: undefined }, { issuer: "https://login.test" }],
    ["its issuer is another", {}, { issuer: "https://login.test/" }],
    ["it has no audience", {}, { audience: "chat" }],
    ["its audience is another", { aud: ["shop"] }, { audience: "chat" }],
  ] as const
) {
  Deno.test(`jwtVerifier() refuses a token when ${why}`, async () => {
    const signed = hs256({ ...CLAIMS, ...claims });
    assertEquals(await verifier(options).verify(signed), "invalid_token");
  });
}

Deno.test("jwtVerifier() takes a token when clocks differ by the tolerance", async () => {
  const late = hs256({ ...CLAIMS, exp: NOW / 1000 - 4 });
  assertEquals(verified(await verifier().verify(late)).expires, NOW + 1000);
  const strict = verifier({ clockTolerance: 0 });
  assertEquals(await strict.verify(late), "invalid_token");
});

Deno.test("jwtVerifier() takes issuer, audience, name and owner as configured", async () => {
  const judge = verifier({
    issuer: "https://login.test",
    audience: "chat",
    nameClaim: "nick",
    owners: ["7"],
  });
  const claims = { ...CLAIMS, aud: ["shop", "chat"], nick: "Anna" };
  const { name, isOwner } = verified(await judge.verify(hs256(claims)));
  assertEquals([name, isOwner], ["Anna", true]);
  const other = await judge.verify(hs256({ ...claims, sub: "8" }));
  assertEquals(verified(other).isOwner, false);
});

for (
  const [why, signed] of [
    ["it is empty", ""],
    ["it is no token", "a.b.c"],
    ["it is not signed", token({ alg: "none" }, CLAIMS, () => Buffer.alloc(0))],
    ["its signature is cut off", hs256().replace(/[^.]+$/, "")],
    ["its signature is another's", token({ alg: "HS256" }, CLAIMS, hmac("x"))],
    [
      "its algorithm was not chosen",
      token({ alg: "HS512" }, CLAIMS, hmac(SECRET, "sha512")),
    ],
    ["it is signed with a key pair", rs256()],
    [
      "it has a critical header that is not known",
      token({ alg: "HS256", crit: ["b"], b: 1 }, CLAIMS, hmac(SECRET)),
    ],
    [
      "it brings its own key",
      token(
        { alg: "RS256", jwk: jwk(RSA.publicKey, "1") },
        CLAIMS,
        rsa(RSA.privateKey),
      ),
    ],
    ["it is very long", hs256({ ...CLAIMS, more: "x".repeat(20_000) })],
  ] as const
) {
  Deno.test(`jwtVerifier() refuses a token when ${why}`, async () => {
    assertEquals(await verifier().verify(signed), "invalid_token");
  });
}

Deno.test("jwtVerifier() refuses a public key that is used as a secret", async () => {
  const key = pem(RSA.publicKey);
  const jwks = JSON.stringify({ keys: [jwk(RSA.publicKey, "1")] });
  for (const text of [key, key.trim(), jwks]) {
    const signed = token({ alg: "HS256", kid: "1" }, CLAIMS, hmac(text));
    for (const options of [{ pem: key }, { jwks }]) {
      const judge = verifier({ key: options });
      assertEquals(await judge.verify(signed), "invalid_token");
    }
  }
});

Deno.test("jwtVerifier() takes no secret from a key set", async () => {
  const k = Buffer.from(SECRET).toString("base64url");
  const jwks = JSON.stringify({ keys: [{ kty: "oct", k, kid: "1" }] });
  const signed = token({ alg: "HS256", kid: "1" }, CLAIMS, hmac(SECRET));
  const judge = verifier({ key: { jwks } });
  assertEquals(await judge.verify(signed), "invalid_token");
});

Deno.test("jwtVerifier() refuses another key's signature in PEM and in a set", async () => {
  const jwks = JSON.stringify({ keys: [jwk(RSA.publicKey, "1")] });
  for (const key of [{ pem: pem(RSA.publicKey) }, { jwks }]) {
    const judge = verifier({ key });
    const signed = rs256("1", OTHER_RSA.privateKey);
    assertEquals(await judge.verify(signed), "invalid_token");
  }
});

/** A server of a key set that can be changed. */
function keyServer(keys: unknown[]) {
  const state = { keys, requests: 0, status: 200 };
  const server = Deno.serve({ port: 0, onListen() {} }, () => {
    state.requests++;
    return Response.json({ keys: state.keys }, { status: state.status });
  });
  return {
    state,
    url: `http://localhost:${server.addr.port}/jwks.json`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("jwtVerifier() fetches a key set once for many tokens", async () => {
  await using server = keyServer([jwk(RSA.publicKey, "1")]);
  const judge = verifier({ key: { jwksUrl: server.url } });
  for (let count = 0; count < 5; count++) {
    assertEquals(verified(await judge.verify(rs256("1"))).name, "Ana");
  }
  assertEquals(server.state.requests, 1);
});

Deno.test("jwtVerifier() does not fetch again at once for a key that is unknown", async () => {
  await using server = keyServer([jwk(RSA.publicKey, "1")]);
  const judge = verifier({ key: { jwksUrl: server.url } });
  for (let count = 0; count < 5; count++) {
    const signed = rs256(`${count + 2}`, OTHER_RSA.privateKey);
    assertEquals(await judge.verify(signed), "invalid_token");
  }
  assertEquals(server.state.requests, 1);
});

Deno.test("jwtVerifier() fetches again for a new key after the cooldown", async () => {
  await using server = keyServer([jwk(OTHER_RSA.publicKey, "1")]);
  const judge = verifier({ key: { jwksUrl: server.url, cooldown: 0 } });
  assertEquals(await judge.verify(rs256("2")), "invalid_token");
  server.state.keys = [jwk(RSA.publicKey, "2")];
  assertEquals(verified(await judge.verify(rs256("2"))).name, "Ana");
  const withdrawn = rs256("1", OTHER_RSA.privateKey);
  assertEquals(await judge.verify(withdrawn), "invalid_token");
});

Deno.test("jwtVerifier() is busy when the key set cannot be had, and goes on after", async () => {
  await using server = keyServer([jwk(RSA.publicKey, "1")]);
  server.state.status = 503;
  const judge = verifier({ key: { jwksUrl: server.url } });
  assertEquals(await judge.verify(rs256("1")), "busy");
  server.state.status = 200;
  assertEquals(verified(await judge.verify(rs256("1"))).name, "Ana");
});

Deno.test("jwtVerifier() is busy when nobody answers at the URL", async () => {
  const server = keyServer([]);
  await server[Symbol.asyncDispose]();
  const judge = verifier({ key: { jwksUrl: server.url } });
  assertEquals(await judge.verify(rs256("1")), "busy");
});

for (
  const [why, options, words] of [
    ["the secret is short", { key: { secret: "short" } }, "fewer than 32"],
    ["the PEM text is none", { key: { pem: "-----BEGIN" } }, "no public key"],
    ["the key set is no JSON", { key: { jwks: "keys" } }, "JSON Web Key Set"],
    ["the key set is none", { key: { jwks: "{}" } }, "JSON Web Key Set"],
    ["the URL is none", { key: { jwksUrl: "jwks" } }, "URL"],
    ["an algorithm is unknown", { algorithms: ["none"] }, '"none"'],
    ["there is no algorithm", { algorithms: [] }, "has to be"],
    ["a secret has RS256", { algorithms: ["HS256", "RS256"] }, '"RS256"'],
    [
      "a public key has HS256",
      { key: { pem: pem(RSA.publicKey) }, algorithms: ["HS256"] },
      '"HS256"',
    ],
  ] as const
) {
  Deno.test(`jwtVerifier() throws when ${why}`, () => {
    assertThrows(() => verifier(options), TypeError, words);
  });
}

Deno.test("jwtVerifier() gives an end that can be written, however far away it is", async () => {
  for (const exp of [1e13, 1e300]) {
    const { expires } = verified(
      await verifier().verify(hs256({ ...CLAIMS, exp })),
    );
    assertEquals(new Date(expires).toISOString(), "9999-12-31T23:59:59.999Z");
  }
});
