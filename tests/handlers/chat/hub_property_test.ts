import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Client, Hub, Session } from "../../../handlers/chat/mod.ts";
import { testHub } from "./_people.ts";

const PEOPLE = 5;
const ROOMS = ["a", "b", "c"] as const;

type Step = {
  readonly who: number;
  readonly what: "join" | "leave" | "message" | "name" | "vanish" | "break";
  readonly room: typeof ROOMS[number];
  readonly name: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat({ max: PEOPLE - 1 }),
  what: fc.constantFrom(
    "join",
    "join",
    "leave",
    "message",
    "message",
    "name",
    "vanish",
    "break",
  ),
  room: fc.constantFrom(...ROOMS),
  name: fc.nat({ max: PEOPLE + 2 }),
});

/** Somebody who can tell from what came in which rooms they are. */
class Witness implements Client<string> {
  /** What was heard in a room since it was last joined, by room. */
  readonly heard = new Map<string, string[]>();
  /** Faults seen. */
  readonly faults: string[] = [];
  lost = false;
  readonly session: Session;
  #breaks = false;

  constructor(hub: Hub<string>) {
    this.session = hub.connect(this);
  }

  close(): void {
    this.lost = true;
  }

  asks(request: unknown): void {
    this.session.receive(JSON.stringify(request));
  }

  send(frame: string): void {
    if (this.lost) this.faults.push(`heard after the end: ${frame}`);
    if (this.#breaks) {
      this.lost = true;
      throw new Error("the line is cut");
    }
    const message = JSON.parse(frame);
    if (message.type === "joined") {
      // Joined again, a member has heard what it heard.
      if (!this.heard.has(message.room)) this.heard.set(message.room, []);
    } else if (message.type === "left") {
      this.heard.delete(message.room);
    } else if (message.room !== undefined && message.type !== "error") {
      const heard = this.heard.get(message.room);
      if (heard) heard.push(frame);
      else this.faults.push(`heard outside the room: ${frame}`);
    }
  }

  vanish(): void {
    this.lost = true;
    this.session.disconnect();
  }

  breakNext(): void {
    this.#breaks = true;
  }
}

Deno.test("Hub keeps its promises whatever members do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const hub = testHub();
      const people = Array.from({ length: PEOPLE }, (_, i) => {
        const person = new Witness(hub);
        person.asks({ type: "name", name: `P${i}` });
        return person;
      });
      for (const { who, what, room, name } of steps) {
        const person = people[who];
        assert(person);
        if (what === "vanish") person.vanish();
        else if (what === "break") person.breakNext();
        else person.asks({ type: what, room, text: "hi", name: `P${name}` });

        const present = people.filter((each) => !each.lost);
        assertEquals(people.flatMap((each) => each.faults), []);
        assertDistinct(present.map((each) => each.session.name));
        for (const room of ROOMS) {
          const inside = present.filter((each) => each.heard.has(room));
          assertEquals(
            hub.room(room)?.members().map(({ id }) => id).toSorted() ?? [],
            inside.map((each) => each.session.id).toSorted(),
          );
          assertOneOrder(inside.map((each) => each.heard.get(room) ?? []));
        }
      }
    }),
    { numRuns: 300 },
  );
});

function assertDistinct(names: readonly string[]): void {
  assertEquals(new Set(names).size, names.length);
}

/** What a later member heard is the end of what an earlier member heard. */
function assertOneOrder(accounts: readonly string[][]): void {
  const longest = accounts.toSorted((a, b) => b.length - a.length)[0] ?? [];
  for (const account of accounts) {
    assertEquals(account, longest.slice(longest.length - account.length));
  }
}
