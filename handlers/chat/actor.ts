import type { Person } from "./model.ts";

/** Who wants something done: over a connection, or by the API. */
export interface Actor {
  /** Who it is. */
  readonly person: Person;
  /** Whether it owns the server. */
  readonly isOwner: boolean;
  /** Where it comes from, if that is known. */
  readonly address?: string | undefined;
}
