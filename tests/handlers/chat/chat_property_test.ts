import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Chatroom } from "./_people.ts";
import { Witness } from "./_witness.ts";

const PEOPLE = 5;
const ROOMS = ["a", "b"] as const;

interface Step {
  readonly who: number;
  readonly what:
    | "join"
    | "leave"
    | "send"
    | "repeat"
    | "edit"
    | "react"
    | "away"
    | "vanish"
    | "expel"
    | "wait"
    | "flush";
  readonly room: typeof ROOMS[number];
  readonly number: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat({ max: PEOPLE - 1 }),
  what: fc.constantFrom(
    "join",
    "join",
    "leave",
    "send",
    "send",
    "send",
    "repeat",
    "edit",
    "react",
    "away",
    "vanish",
    "expel",
    "wait",
    "flush",
  ),
  room: fc.constantFrom(...ROOMS),
  number: fc.nat({ max: 10 }),
});

/** What one step does; it does not wait for the answer. */
function act(
  chatroom: Chatroom,
  person: Witness,
  { what, room, number }: Step,
): Promise<void> {
  switch (what) {
    case "join":
      return person.joins(room);
    case "leave":
      return person.asks({ type: "leave", room });
    case "send":
    case "repeat": {
      const id = what === "send" ? crypto.randomUUID() : `${number}`;
      return person.asks({ type: "send", room, id, text: id });
    }
    case "edit": {
      const offset = number + 1;
      return person.asks({ type: "edit", room, offset, text: `${number}` });
    }
    case "react": {
      const request = { type: "react", room, emoji: "👍" };
      return person.asks({
        ...request,
        offset: 1 + (number >> 1),
        on: number % 2 === 0,
      });
    }
    case "away":
      return person.asks({ type: "status", away: number % 2 === 0 });
    case "expel":
      chatroom.chat.publish({ type: "expel", room, person: person.id });
      person.inside.delete(room);
      return Promise.resolve();
    case "vanish":
      person.vanish();
      return person.connect();
    case "wait":
      return chatroom.quiet();
    case "flush":
      chatroom.clock.advance(50);
      return Promise.resolve();
  }
}

async function check(chatroom: Chatroom, people: readonly Witness[]) {
  chatroom.clock.advance(1000);
  assertEquals(people.flatMap(({ faults }) => faults), []);
  for (const room of ROOMS) {
    const stored = await chatroom.store.messages.since(room, {
      epoch: (await chatroom.store.rooms.get(room))?.epoch ?? "",
      offset: 0,
      change: 0,
    }, 10_000);
    const messages = stored?.missed?.messages ?? [];
    assertEquals(
      messages.map(({ offset }) => offset),
      messages.map((_, index) => index + 1),
    );
    const inside = people.filter((each) => each.inside.has(room));
    for (const person of people) {
      const known = person.known.get(room);
      const isInside = inside.includes(person);
      if (known && isInside) {
        assertEquals(known.offset, stored?.room.offset);
        assertEquals(known.change, stored?.room.change);
        for (const [offset, message] of known.messages) {
          assertEquals(message, messages[offset - 1]);
        }
        const live = chatroom.chat.rooms.get(room)!;
        assertEquals(
          [...known.members.values()].toSorted((a, b) => a.id < b.id ? -1 : 1),
          [...live.members()].toSorted((a, b) => a.id < b.id ? -1 : 1),
        );
      }
      for (const [key, offset] of person.acked) {
        if (!key.startsWith(`${room}/`)) continue;
        const same = messages.filter(({ id, from }) =>
          from.id === person.id && `${room}/${id}` === key
        );
        assertEquals(same.map((each) => each.offset), [offset]);
      }
    }
    assertEquals(
      new Set(
        [...chatroom.chat.rooms.get(room)?.members() ?? []].map(({ id }) => id),
      ),
      new Set(inside.map(({ id }) => id)),
    );
  }
}

Deno.test("Chat keeps its promises whatever people do at the same time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      await using chatroom = await Chatroom.open();
      const people = [];
      for (let i = 0; i < PEOPLE; i++) {
        const person = new Witness(chatroom, `P${i}`);
        await person.connect();
        people.push(person);
      }
      const asked = [];
      for (const step of steps) {
        const person = people[step.who];
        assert(person);
        const work = act(chatroom, person, step);
        asked.push(work);
        if (step.what === "wait") await work;
      }
      await Promise.all(asked);
      await chatroom.quiet();
      await check(chatroom, people);
    }),
    { numRuns: 200 },
  );
});
