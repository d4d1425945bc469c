import { createHash, createPublicKey } from "node:crypto";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import type { TokenVerdict, TokenVerifier } from "./verified_token.ts";

/** Where the key comes from that tokens are signed with. */
export type JwtKey =
  /** A secret that both sides know, 32 bytes in UTF-8 or more (RFC 7518 §3.2). */
  | { readonly secret: string }
  /** A public key or a certificate: the text of a PEM file. */
  | { readonly pem: string }
  /** Public keys: the text of a JSON Web Key Set (RFC 7517 §5). */
  | { readonly jwks: string }
  /**
   * Public keys: the URL of a JSON Web Key Set. It is fetched when a token
   * comes, kept for ten minutes, and fetched again for a key that it does not
   * have, but not before `cooldown` seconds have passed; the default is 30.
   */
  | { readonly jwksUrl: string; readonly cooldown?: number | undefined };

/** Options of {@linkcode jwtVerifier}. */
export interface JwtOptions {
  /** Where the key comes from. */
  readonly key: JwtKey;
  /**
   * Which algorithms are taken (RFC 7518 §3.1). The default with a secret is
   * HS256, with public keys RS256, PS256, ES256 and those of the same kinds
   * with longer hashes, and EdDSA. With a secret there are only HS256, HS384
   * and HS512, and with public keys none of these, so that a token signed with
   * a public key as if it were a secret is not valid.
   */
  readonly algorithms?: readonly string[] | undefined;
  /** The issuer that tokens have to name. The default is any. */
  readonly issuer?: string | undefined;
  /** The audience that tokens have to name. The default is any. */
  readonly audience?: string | undefined;
  /** By how many seconds clocks may differ. The default is 5. */
  readonly clockTolerance?: number | undefined;
  /** The claim that has the name of the person. The default is `name`. */
  readonly nameClaim?: string | undefined;
  /** The subjects (`sub`) that own the server. The default is none. */
  readonly owners?: readonly string[] | undefined;
  /** The clock, in milliseconds since 1970. The default is `Date.now`. */
  readonly now?: (() => number) | undefined;
}

const SYMMETRIC = ["HS256", "HS384", "HS512"];

const ASYMMETRIC = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const MIN_SECRET_BYTES = 32;

/** What is longer names nobody. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** The key set cannot be had; it does not depend on the token. */
class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/**
 * Makes a judge of JSON Web Tokens (RFC 7519) that are signed (RFC 7515).
 *
 * A token has to have `sub` and `exp`, and a name. The same issuer and subject
 * are always the same person. Throws a `TypeError` if a key is none, or an
 * algorithm does not fit the key.
 *
 * @example
 * ```ts ignore
 * const tokens = jwtVerifier({
 *   key: { jwksUrl: "https://login.example/jwks.json" },
 *   issuer: "https://login.example",
 *   audience: "chat",
 * });
 * const identity = new Identity(store, { mode: "jwt", tokens });
 * ```
 */
export function jwtVerifier(options: JwtOptions): TokenVerifier {
  const isSecret = "secret" in options.key;
  const { clockTolerance = 5, nameClaim = "name", owners = [] } = options;
  const { now = Date.now } = options;
  const rules: JWTVerifyOptions = {
    algorithms: algorithmsOf(options.algorithms, isSecret),
    clockTolerance,
    requiredClaims: ["sub", "exp"],
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  };
  const getKey = keyGetter(options.key);

  return {
    async verify(token: string): Promise<TokenVerdict> {
      if (token.length > MAX_TOKEN_LENGTH) return "invalid_token";
      let claims: JWTPayload;
      try {
        const currentDate = new Date(now());
        ({ payload: claims } = await jwtVerify(token, getKey, {
          ...rules,
          currentDate,
        }));
      } catch (error) {
        // Whatever else is wrong is wrong with the token.
        return error instanceof KeysUnavailableError ? "busy" : "invalid_token";
      }
      const { iss = "", sub, exp, [nameClaim]: name } = claims;
      const isWhole = typeof sub === "string" && sub !== "" &&
        typeof exp === "number" && typeof name === "string";
      if (!isWhole) return "invalid_token";
      return {
        id: personId(iss, sub),
        name,
        expires: Math.min((exp + clockTolerance) * 1000, LAST_TIME),
        isOwner: owners.includes(sub),
      };
    },
  };
}

/** The last time with four digits for the year: a number has no such end. */
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** 128 bits of a hash: an issuer may choose any subject, but no person's id. */
function personId(issuer: string, subject: string): string {
  return createHash("sha256").update(JSON.stringify([issuer, subject]))
    .digest("hex").slice(0, 32);
}

function algorithmsOf(
  chosen: readonly string[] | undefined,
  isSecret: boolean,
): string[] {
  const possible = isSecret ? SYMMETRIC : ASYMMETRIC;
  if (chosen === undefined) return isSecret ? ["HS256"] : ASYMMETRIC;
  const wrong = chosen.find((algorithm) => !possible.includes(algorithm));
  if (wrong !== undefined || chosen.length === 0) {
    throw new TypeError(
      `Cannot verify tokens: the algorithm has to be one of ${
        possible.join(", ")
      }, not "${wrong ?? ""}".`,
    );
  }
  return [...chosen];
}

function keyGetter(key: JwtKey): JWTVerifyGetKey {
  if ("secret" in key) {
    const bytes = new TextEncoder().encode(key.secret);
    if (bytes.length < MIN_SECRET_BYTES) {
      throw new TypeError(
        `Cannot verify tokens: the secret has ${bytes.length} bytes, fewer than ${MIN_SECRET_BYTES}.`,
      );
    }
    return () => bytes;
  }
  if ("pem" in key) {
    const jwk = readKey(
      "the PEM text is no public key",
      () => createPublicKey(key.pem).export({ format: "jwk" }) as JWK,
    );
    return () => jwk;
  }
  if ("jwks" in key) {
    return readKey(
      "the text is no JSON Web Key Set",
      () => createLocalJWKSet(JSON.parse(key.jwks) as JSONWebKeySet),
    );
  }
  const url = readKey(
    "the key set's URL is not valid",
    () => new URL(key.jwksUrl),
  );
  return remoteKeys(url, key.cooldown ?? 30);
}

function readKey<Key>(fault: string, read: () => Key): Key {
  try {
    return read();
  } catch (cause) {
    throw new TypeError(`Cannot verify tokens: ${fault}.`, { cause });
  }
}

function remoteKeys(url: URL, cooldown: number): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    cooldownDuration: cooldown * 1000,
    [customFetch]: fetchKeys,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      const isOfToken = cause instanceof errors.JWKSNoMatchingKey ||
        cause instanceof errors.JWKSMultipleMatchingKeys ||
        cause instanceof errors.JOSENotSupported;
      if (isOfToken) throw cause;
      throw new KeysUnavailableError(`Cannot get the keys of ${url}.`, {
        cause,
      });
    }
  };
}

/** Leaves no body open that nobody reads. */
async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status !== 200) await response.body?.cancel();
  return response;
}
