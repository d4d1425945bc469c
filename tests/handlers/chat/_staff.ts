import {
  hashSecret,
  newSecret,
} from "../../../handlers/chat/identity/secrets.ts";
import { nameKey } from "../../../handlers/chat/names.ts";
import { type Chatroom, Person } from "./_people.ts";

/** People of every rank in one room. */
export interface Staff {
  /** The room. */
  readonly name: string;
  /** The owner of the server. */
  readonly olga: Person;
  /** The owner of the room. */
  readonly ana: Person;
  /** A moderator. */
  readonly mo: Person;
  /** Members. */
  readonly bo: Person;
  readonly cy: Person;
}

/** Lets people of every rank into a public room, and forgets what was heard. */
export async function gather(
  room: Chatroom,
  name = "lobby",
): Promise<Staff> {
  const ana = await room.enter("Ana", name);
  const olga = await enterAsOwner(room, "Olga", name);
  const mo = await room.enter("Mo", name);
  const bo = await room.enter("Bo", name);
  const cy = await room.enter("Cy", name);
  await ana.asks({
    type: "role",
    room: name,
    person: mo.id,
    role: "moderator",
  });
  room.tellPresence();
  for (const person of [olga, ana, mo, bo, cy]) person.hears();
  return { name, olga, ana, mo, bo, cy };
}

/** Lets the owner of the server in. */
export async function enterAsOwner(
  room: Chatroom,
  name: string,
  ...rooms: string[]
): Promise<Person> {
  const { chat, clock, store } = room;
  const now = clock.now();
  const id = chat.newId();
  const resume = newSecret();
  await store.people.add(
    { id, name, kind: "guest", isOwner: true, heldUntil: now, created: now },
    { nameKey: nameKey(name), now },
  );
  await store.sessions.add(
    { id: chat.newId(), person: id, created: now, used: now },
    hashSecret(resume),
  );
  const owner = new Person(room);
  await owner.asks({ type: "hello", resume });
  await owner.settle(rooms);
  owner.resume = resume;
  return owner;
}

/** Lets somebody in from an address. */
export async function enterFrom(
  room: Chatroom,
  name: string,
  address: string,
): Promise<Person> {
  const person = new Person(room, address);
  await person.asks({ type: "hello", name });
  return await person.settle([]);
}

/** What moderators have done, oldest first: who, what, to whom and how. */
export async function audit({ store }: Chatroom, room?: string) {
  const entries = await store.moderation.audit({ room, limit: 100 });
  return entries.toReversed().map(({ by, action, person, detail }) =>
    [by.name, action, person?.name, detail].filter((each) => each).join(" ")
  );
}
