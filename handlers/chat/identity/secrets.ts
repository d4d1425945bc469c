import { createHash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto";
import { encodeBase64Url } from "@std/encoding";

/** How many random bytes a secret has: 256 bits. */
const SECRET_BYTES = 32;

/** What {@linkcode newSecret} makes. */
const SECRET = /^[\w-]{43}$/;

/** Makes a secret of 256 random bits: 43 characters of base64url. */
export function newSecret(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/** Tells whether a string could be a secret that {@linkcode newSecret} made. */
export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/**
 * What is kept of a secret: its SHA-256 in lower-case hexadecimal.
 *
 * A secret has 256 random bits, so nobody can guess it from a fast hash; and
 * since it is looked up by its hash, the time that takes tells nothing of it.
 */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * Tells whether two secrets are the same, in a time that depends on neither.
 *
 * Their digests are compared, which have one length whatever is given.
 */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
