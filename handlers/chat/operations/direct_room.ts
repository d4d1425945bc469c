import { createHash } from "node:crypto";
import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { ChatRefusal } from "../errors.ts";
import { mustNotBeTooFast } from "./rates.ts";

/**
 * The name of the room of two people, which is made if there is none.
 *
 * Refuses with `person_unknown`, with `too_fast`, and with `invalid_field` if the
 * other one is the actor.
 */
export async function directRoom(
  chat: Chat,
  actor: Actor,
  other: string,
): Promise<string> {
  const { person } = actor;
  if (other === person.id) {
    throw new ChatRefusal("invalid_field", { field: "person" });
  }
  const { people, rooms } = chat.store;
  const room = directRoomName(person.id, other);
  const [partner, found] = await Promise.all([
    people.get(other),
    rooms.get(room),
  ]);
  if (partner === undefined) throw new ChatRefusal("person_unknown");
  if (found !== undefined) return room;
  mustNotBeTooFast(chat, actor, "directs");
  // Both may ask at once: it is there then in any case.
  const result = await rooms.add({
    room,
    kind: "direct",
    topic: "",
    epoch: chat.newId(),
    slow: 0,
    created: chat.clock.now(),
  }, [person.id, other].map((id) => ({ person: id, role: "member" })));
  // A guest may have been forgotten since.
  if (result === "person_unknown") throw new ChatRefusal(result);
  return room;
}

/** The same for both, whoever asks; it tells nothing of who they are. */
function directRoomName(a: string, b: string): string {
  const both = [a, b].sort().join("\n");
  return `@${createHash("sha256").update(both).digest("base64url")}`;
}
