import type { StoredPerson } from "../store.ts";

/** A person without its password's hash. */
export type KnownPerson = Omit<StoredPerson, "password">;

/** Who somebody has turned out to be. */
export interface Identified {
  /** Who it is. */
  readonly person: KnownPerson;
  /** The session; absent for people with a token, who have none. */
  readonly sessionId?: string;
  /** The session's secret, if it is new. */
  readonly resume?: string;
  /** When the identity ends, in milliseconds since 1970, if it does. */
  readonly expires?: number;
}

/** Why somebody is not let in, as the protocol's error codes have it. */
export type IdentityRefusal =
  | "account_required"
  | "busy"
  | "invalid_name"
  | "invalid_password"
  | "invalid_token"
  | "name_taken"
  | "not_offered"
  | "registration_closed"
  | "unknown_session"
  | "wrong_code"
  | "wrong_password";

/** A person as all but the store may know it. */
export function withoutPassword(person: StoredPerson): KnownPerson {
  const { password: _, ...known } = person;
  return known;
}
