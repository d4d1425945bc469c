import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { ChatRefusal } from "../errors.ts";
import type { RateName } from "../rate_limits.ts";

/** Counts something that somebody does; refuses it with `too_fast`. */
export function mustNotBeTooFast(
  chat: Chat,
  actor: Actor,
  name: RateName,
): void {
  const wait = chat.limits.take(name, {
    person: actor.person.id,
    address: actor.address,
  });
  if (wait > 0) throw new ChatRefusal("too_fast", { retry_after: wait });
}
