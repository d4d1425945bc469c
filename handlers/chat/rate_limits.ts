import { addressKey } from "./address_key.ts";
import { type Rate, TokenBucket, TokenBuckets } from "./token_bucket.ts";

/** By what something is counted. */
export type RateScope = "person" | "address" | "name";

/** How often one person, one address and one name may do something. */
export type Rates = { readonly [Scope in RateScope]?: Rate };

/**
 * How often what may be done, unless configured otherwise. Each is a burst, and
 * after how many seconds there is one more.
 *
 * Those of an address are wide enough for a school or an office behind one
 * address, which comes back at once after the server was restarted.
 */
export const RATES = {
  /** Saying who one is by a secret or a token. */
  hellos: { address: { burst: 300, every: 0.1 } },
  /** New guests. */
  guests: { address: { burst: 60, every: 2 } },
  /**
   * By name as well: so many addresses do not help to guess a password. More
   * than by address: so one address alone cannot keep a person from coming in.
   */
  logins: {
    address: { burst: 10, every: 10 },
    name: { burst: 50, every: 2 },
  },
  registrations: { address: { burst: 5, every: 60 } },
  /** Changes of a name or a password. */
  profiles: { person: { burst: 5, every: 30 } },
  /** Enough to come back to all rooms at once. */
  joins: {
    person: { burst: 100, every: 0.5 },
    address: { burst: 1000, every: 0.02 },
  },
  /** New rooms and invitations. */
  rooms: {
    person: { burst: 10, every: 60 },
    address: { burst: 50, every: 10 },
  },
  /** New direct rooms. */
  directs: {
    person: { burst: 20, every: 15 },
    address: { burst: 100, every: 5 },
  },
  messages: {
    person: { burst: 20, every: 0.2 },
    address: { burst: 200, every: 0.02 },
  },
  /** Edits, deletions, reactions, and what moderators do. */
  changes: {
    person: { burst: 30, every: 0.2 },
    address: { burst: 300, every: 0.02 },
  },
  /** Pages of the history, of members, rooms, and other lists. */
  pages: {
    person: { burst: 60, every: 0.1 },
    address: { burst: 600, every: 0.01 },
  },
  searches: {
    person: { burst: 10, every: 1 },
    address: { burst: 50, every: 0.2 },
  },
  uploads: {
    person: { burst: 20, every: 5 },
    address: { burst: 60, every: 1 },
  },
  /** Requests to the HTTP API, and webhooks; the person is the token's. */
  calls: {
    person: { burst: 100, every: 0.05 },
    address: { burst: 300, every: 0.02 },
  },
} as const satisfies Readonly<Record<string, Rates>>;

/** Something that is done only so often: a key of {@linkcode RATES}. */
export type RateName = keyof typeof RATES;

/** How often what may be done on one connection, unless configured otherwise. */
export const CONNECTION_RATES = {
  /** All requests. */
  requests: { burst: 200, every: 0.02 },
  /** Signs that somebody types; more are ignored. */
  typing: { burst: 5, every: 2 },
  /** Refusals of any kind; after more the connection is closed with 4029. */
  refusals: { burst: 60, every: 1 },
} as const satisfies Readonly<Record<string, Rate>>;

/** A key of {@linkcode CONNECTION_RATES}. */
export type ConnectionRateName = keyof typeof CONNECTION_RATES;

/** What is configured: each replaces the whole row of that name. */
export type RateOverrides =
  & { readonly [Name in RateName]?: Rates }
  & { readonly [Name in ConnectionRateName]?: Rate };

const NO_LIMITS: RateOverrides = {
  ...Object.fromEntries(Object.keys(RATES).map((name) => [name, {}])),
  ...Object.fromEntries(
    Object.keys(CONNECTION_RATES).map((name) => [name, { burst: 1, every: 0 }]),
  ),
};

/** Options of {@linkcode RateLimits}. */
export interface RateLimitsOptions {
  /** Other rates than the default ones; `false` for no limits at all. */
  readonly rates?: RateOverrides | false | undefined;
  /**
   * A clock in milliseconds that is never put back. The default is
   * `performance.now`.
   */
  readonly now?: (() => number) | undefined;
  /**
   * How many people, addresses or names are remembered for each limit. The
   * default is that of {@linkcode TokenBuckets}.
   */
  readonly most?: number | undefined;
}

/** Whose doing it is, as far as it is known. */
export interface RateSubject {
  /** The person's id. */
  readonly person?: string | undefined;
  /** The IP address, or what stands for it. */
  readonly address?: string | undefined;
  /** The key of a name. */
  readonly name?: string | undefined;
}

/** What one connection has done. */
export interface ConnectionRates {
  /** Counts one more: 0, or after how many seconds it would be allowed. */
  take(name: ConnectionRateName): number;
}

/**
 * Who does how much of what. What is refused costs those that are within their
 * limits nothing, neither time nor memory.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RateLimits } from "./rate_limits.ts";
 *
 * const limits = new RateLimits({
 *   rates: { logins: { address: { burst: 1, every: 10 } } },
 *   now: () => 0,
 * });
 * assertEquals(limits.take("logins", { address: "192.0.2.1" }), 0);
 * assertEquals(limits.take("logins", { address: "192.0.2.1" }), 10);
 * assertEquals(limits.take("logins", { address: "192.0.2.2" }), 0);
 * ```
 */
export class RateLimits {
  readonly #now: () => number;
  readonly #buckets: ReadonlyMap<
    RateName,
    readonly { readonly scope: RateScope; readonly buckets: TokenBuckets }[]
  >;
  readonly #connectionRates: Readonly<Record<ConnectionRateName, Rate>>;

  /** Throws a `RangeError` for a rate that is none. */
  constructor(options: RateLimitsOptions = {}) {
    this.#now = options.now ?? (() => performance.now());
    const { rates = {}, most } = options;
    const overrides = rates === false ? NO_LIMITS : rates;
    this.#connectionRates = { ...CONNECTION_RATES, ...overrides };
    for (const name of Object.keys(CONNECTION_RATES)) {
      checkRate(name, this.#connectionRates[name as ConnectionRateName]);
    }
    const all: Readonly<Record<RateName, Rates>> = { ...RATES, ...overrides };
    this.#buckets = new Map(
      (Object.keys(RATES) as RateName[]).map((name) => [
        name,
        Object.entries(all[name]).map(([scope, rate]) => {
          checkRate(`${name}.${scope}`, rate);
          return {
            scope: scope as RateScope,
            buckets: new TokenBuckets(rate, { most }),
          };
        }),
      ]),
    );
  }

  /** Begins to count for a new connection. */
  connection(): ConnectionRates {
    return new CountedConnection(this.#connectionRates, this.#now);
  }

  /**
   * Counts one more of all that is known of the subject: 0, or after how many
   * seconds it would be allowed by all. What is refused is not counted.
   */
  take(name: RateName, subject: RateSubject): number {
    const now = this.#now();
    const all = this.#buckets.get(name)!;
    let wait = 0;
    for (const { scope, buckets } of all) {
      const key = keyOf(scope, subject);
      if (key !== undefined) wait = Math.max(wait, buckets.wait(key, now));
    }
    if (wait > 0) return wait;
    for (const { scope, buckets } of all) {
      const key = keyOf(scope, subject);
      if (key !== undefined) buckets.take(key, now);
    }
    return 0;
  }
}

class CountedConnection implements ConnectionRates {
  readonly #rates: Readonly<Record<ConnectionRateName, Rate>>;
  readonly #now: () => number;
  // Made when they are needed: most connections only listen.
  #requests: TokenBucket | undefined;
  #typing: TokenBucket | undefined;
  #refusals: TokenBucket | undefined;

  constructor(
    rates: Readonly<Record<ConnectionRateName, Rate>>,
    now: () => number,
  ) {
    this.#rates = rates;
    this.#now = now;
  }

  take(name: ConnectionRateName): number {
    return this.#bucket(name).take(this.#now());
  }

  #bucket(name: ConnectionRateName): TokenBucket {
    const { requests, typing, refusals } = this.#rates;
    if (name === "requests") {
      return this.#requests ??= new TokenBucket(requests);
    }
    if (name === "typing") return this.#typing ??= new TokenBucket(typing);
    return this.#refusals ??= new TokenBucket(refusals);
  }
}

function keyOf(scope: RateScope, subject: RateSubject): string | undefined {
  const key = subject[scope];
  return scope === "address" && key !== undefined ? addressKey(key) : key;
}

function checkRate(name: string, { burst, every }: Rate): void {
  if (!Number.isInteger(burst) || burst < 1) {
    throw new RangeError(
      `Cannot use the rate "${name}": "burst" is ${burst}, not a whole number from 1 on.`,
    );
  }
  if (!Number.isFinite(every) || every < 0) {
    throw new RangeError(
      `Cannot use the rate "${name}": "every" is ${every}, not a number from 0 on.`,
    );
  }
}
