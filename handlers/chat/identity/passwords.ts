import { Buffer } from "node:buffer";
import { randomBytes, scrypt } from "node:crypto";
import { timingSafeEqual } from "@std/crypto";
import { hasLength } from "../text.ts";

/** What a hash costs, RFC 7914 §2. */
export interface ScryptCost {
  /** CPU and memory cost, a power of two; memory is 128 × N × r bytes. */
  readonly N: number;
  /** The size of a block. */
  readonly r: number;
  /** How many times it is done. */
  readonly p: number;
}

/** Options of {@linkcode Passwords}. */
export interface PasswordsOptions {
  /**
   * What a new hash costs. The default takes 32 MiB and about 75 ms of one
   * core.
   */
  readonly cost?: ScryptCost | undefined;
  /** How many hashes are made at once. The default is 2. */
  readonly atOnce?: number | undefined;
  /** How many may wait for that. The default is 64. */
  readonly waiting?: number | undefined;
}

/** What has come of a comparison. */
export type PasswordVerdict =
  | "right"
  /** Right, and the hash is of a lower cost than new ones: hash it anew. */
  | "right_but_weak"
  | "wrong"
  | "busy";

const DEFAULT_COST: ScryptCost = { N: 2 ** 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MIN_LENGTH = 8;
const MAX_LENGTH = 256;

/** `scrypt$N$r$p$salt$hash`, the last two in base64url. */
const STORED = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * Tells whether a password may be chosen: 8 to 256 code points, well formed.
 * There are no other rules: length is what makes a password hard to guess.
 */
export function isPassword(password: string): boolean {
  return hasLength(password, { min: MIN_LENGTH, max: MAX_LENGTH }) &&
    password.isWellFormed();
}

/**
 * Hashes and compares passwords with scrypt (RFC 7914), off the event loop.
 *
 * At most two hashes are made at once and 64 wait; beyond that the answer is
 * `busy`. So a flood of logins takes a bounded part of the machine. Passwords
 * are compared in NFC, as RFC 8265 §4.2 has it, so that it does not matter how
 * a keyboard composes letters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Passwords } from "./passwords.ts";
 *
 * const passwords = new Passwords();
 * const hash = await passwords.hash("correct horse");
 * assertEquals(await passwords.verify("correct horse", hash), "right");
 * assertEquals(await passwords.verify("battery staple", hash), "wrong");
 * ```
 */
export class Passwords {
  readonly #cost: ScryptCost;
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Compared where there is no hash, so that both take as long. */
  readonly #decoy: StoredHash;

  /** See {@linkcode PasswordsOptions} for the defaults. */
  constructor(options: PasswordsOptions = {}) {
    this.#cost = options.cost ?? DEFAULT_COST;
    this.#atOnce = options.atOnce ?? 2;
    this.#maxWaiting = options.waiting ?? 64;
    this.#decoy = {
      cost: this.#cost,
      salt: randomBytes(SALT_BYTES),
      hash: randomBytes(HASH_BYTES),
    };
  }

  /** Hashes a password for {@linkcode verify}. */
  async hash(password: string): Promise<string | "busy"> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(password, { cost: this.#cost, salt });
    if (hash === "busy") return "busy";
    const { N, r, p } = this.#cost;
    return ["scrypt", N, r, p, base64Url(salt), base64Url(hash)].join("$");
  }

  /**
   * Compares a password with a hash, in a time that depends on neither.
   *
   * Without a hash the answer is `wrong` after as much work: how long it takes
   * does not tell whether there is such a name. Throws a `TypeError` if the
   * hash is none of {@linkcode hash}.
   */
  async verify(
    password: string,
    stored: string | undefined,
  ): Promise<PasswordVerdict> {
    const known = stored === undefined ? this.#decoy : parse(stored);
    const hash = await this.#derive(password, known);
    if (hash === "busy") return "busy";
    // Lengths differ only if HASH_BYTES has changed since; timingSafeEqual
    // throws then.
    const isEqual = hash.length === known.hash.length &&
      timingSafeEqual(hash, known.hash);
    if (!isEqual || stored === undefined) return "wrong";
    return this.#isWeak(known.cost) ? "right_but_weak" : "right";
  }

  #isWeak(cost: ScryptCost): boolean {
    return cost.N < this.#cost.N || cost.r < this.#cost.r ||
      cost.p < this.#cost.p;
  }

  async #derive(
    password: string,
    { cost, salt }: { readonly cost: ScryptCost; readonly salt: Buffer },
  ): Promise<Buffer | "busy"> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) return "busy";
      // Who is done hands its place on, so that nobody gets in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await derive(password.normalize("NFC"), { cost, salt });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

function derive(
  password: string,
  { cost, salt }: { readonly cost: ScryptCost; readonly salt: Buffer },
): Promise<Buffer> {
  // What scrypt takes (RFC 7914 §5), and as much again: the limit counts more
  // than the blocks.
  const maxmem = 2 * 128 * cost.r * (cost.N + cost.p);
  return new Promise((resolve, reject) => {
    scrypt(
      password,
      salt,
      HASH_BYTES,
      { ...cost, maxmem },
      (error, key) => error ? reject(error) : resolve(key),
    );
  });
}

function parse(stored: string): StoredHash {
  const match = STORED.exec(stored);
  if (match === null) throw new TypeError("Cannot read the password's hash.");
  const [N, r, p] = match.slice(1, 4).map(Number);
  return {
    cost: { N: N!, r: r!, p: p! },
    salt: Buffer.from(match[4]!, "base64url"),
    hash: Buffer.from(match[5]!, "base64url"),
  };
}

function base64Url(bytes: Buffer): string {
  return bytes.toString("base64url");
}
