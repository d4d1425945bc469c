import { assert } from "@std/assert";
import type {
  Identified,
  IdentityRefusal,
} from "../../../../handlers/chat/identity/identified.ts";
import {
  Identity,
  type IdentityOptions,
} from "../../../../handlers/chat/identity/identity.ts";
import { Passwords } from "../../../../handlers/chat/identity/passwords.ts";
import type {
  TokenVerdict,
  TokenVerifier,
} from "../../../../handlers/chat/identity/verified_token.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import type { ChatStore } from "../../../../handlers/chat/store.ts";

/** Hashing that takes no time. */
export const CHEAP = { N: 2, r: 1, p: 1 };
/** The time at which a world begins. */
export const START = Date.UTC(2026, 0, 2);
/** A password that is one. */
export const PASSWORD = "correct horse";

/** Judges by a table in place of signatures. */
class TokenTable implements TokenVerifier {
  readonly verdicts = new Map<string, TokenVerdict>();

  verify(token: string): Promise<TokenVerdict> {
    return Promise.resolve(this.verdicts.get(token) ?? "invalid_token");
  }

  give(token: string, id: string, name: string, isOwner = false): void {
    const expires = START + 3_600_000;
    this.verdicts.set(token, { id, name, expires, isOwner });
  }
}

/** A server that lets people in, on a store in memory. */
export interface World extends AsyncDisposable {
  readonly identity: Identity;
  readonly store: ChatStore;
  readonly tokens: TokenTable;
  readonly passwords: Passwords;
  readonly clock: { now: number };
  /** Another server on the same store. */
  restart(options?: IdentityOptions): Promise<Identity>;
}

/** Makes one. */
export async function world(options: IdentityOptions = {}): Promise<World> {
  const store = openStore({ path: ":memory:" });
  const clock = { now: START };
  const tokens = new TokenTable();
  const passwords = new Passwords({ cost: CHEAP });
  const restart = async (other: IdentityOptions = options) => {
    const identity = new Identity(store, {
      now: () => clock.now,
      tokens,
      passwords,
      ...other,
    });
    await identity.start();
    return identity;
  };
  return {
    identity: await restart(),
    store,
    tokens,
    passwords,
    clock,
    restart,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Whoever is not refused. */
export function identified(result: Identified | IdentityRefusal): Identified {
  assert(typeof result !== "string", `refused: ${result}`);
  return result;
}

/** The owner's account, then everybody may register. */
export async function withOwner(options: IdentityOptions = {}): Promise<World> {
  const made = await world({ mode: "accounts", ...options });
  const code = made.identity.ownerCode!;
  identified(
    await made.identity.register({ name: "Owner", password: PASSWORD, code }),
  );
  return made;
}
