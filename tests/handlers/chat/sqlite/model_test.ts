import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ChatStore } from "../../../../handlers/chat/store.ts";
import { ModelRoom } from "./_model.ts";
import { ANA, BO, CY, NOW, openFurnished } from "./_store.ts";

/** What is done to a store and a model; both answers have to be the same. */
type Step = (store: ChatStore, model: ModelRoom) => readonly [
  actual: Promise<unknown>,
  expected: unknown,
];

const TIME = new Date(NOW).toISOString();
const person = fc.constantFrom(ANA, BO, CY);
const offset = fc.integer({ min: 0, max: 12 });
const text = fc.constantFrom("boat", "ship", "raft");
const limit = fc.integer({ min: 1, max: 6 });

/** What an answer says, in the words of the model. */
async function answer(given: Promise<unknown>): Promise<unknown> {
  const value = await given;
  return typeof value === "object" && value !== null && "message" in value
    ? value.message
    : value;
}

const append = fc.record({
  id: fc.constantFrom("1", "2", "3", "4", "5"),
  from: person,
  text,
  replyTo: fc.option(offset, { nil: undefined, freq: 4 }),
  mentions: fc.uniqueArray(person.map(({ id }) => id), { maxLength: 2 }),
}).map((message): Step => (store, model) => {
  const { replyTo, mentions, ...rest } = message;
  return [
    answer(store.messages.append({ ...message, room: "lobby", time: NOW })),
    model.append({
      ...rest,
      room: "lobby",
      time: TIME,
      ...(replyTo === undefined ? {} : { reply_to: replyTo }),
      ...(mentions.length === 0 ? {} : { mentions }),
    }),
  ];
});

const edit = fc.record({ offset, text }).map(
  ({ offset, text }): Step => (store, model) => [
    answer(store.messages.edit("lobby", offset, {
      text,
      by: ANA.id,
      time: NOW,
    })),
    model.edit(offset, text, TIME),
  ],
);

const remove = offset.map((offset): Step => (store, model) => [
  answer(store.messages.remove("lobby", offset, { by: ANA.id, time: NOW })),
  model.remove(offset),
]);

const react = fc.record({
  offset,
  emoji: fc.constantFrom("👍", "🎉", "🚤"),
  person: person.map(({ id }) => id),
  on: fc.boolean(),
  maxDifferent: fc.constant(2),
}).map(({ offset, ...reaction }): Step => (store, model) => [
  answer(store.messages.react("lobby", offset, reaction)),
  model.react(offset, reaction),
]);

const markRead = fc.record({ offset, person }).map(
  ({ offset, person }): Step => (store, model) => [
    store.rooms.markRead("lobby", person.id, offset),
    model.markRead(person.id, offset),
  ],
);

const since = fc.record({ offset, change: offset, limit }).map(
  ({ offset, change, limit }): Step => (store, model) => [
    store.messages.since("lobby", { epoch: "first", offset, change }, limit)
      .then((found) => found?.missed),
    structuredClone(model.since(offset, change, limit)),
  ],
);

const before = fc.record({ offset, limit }).map(
  ({ offset, limit }): Step => (store, model) => [
    store.messages.page("lobby", { before: offset, limit })
      .then(({ messages }) => messages),
    structuredClone(
      model.kept().filter((message) => message.offset < offset).slice(-limit),
    ),
  ],
);

const after = fc.record({ offset, limit }).map(
  ({ offset, limit }): Step => (store, model) => [
    store.messages.page("lobby", { after: offset, limit })
      .then(({ messages }) => messages),
    structuredClone(
      model.kept().filter((message) => message.offset > offset)
        .slice(0, limit),
    ),
  ],
);

const search = text.map((word): Step => (store, model) => [
  store.messages.search({ words: [word], limit: 100 })
    .then(({ messages }) => messages),
  structuredClone(
    model.kept().filter(({ text }) => text === word).toReversed(),
  ),
]);

const step = fc.oneof(
  { weight: 6, arbitrary: append },
  { weight: 2, arbitrary: edit },
  remove,
  { weight: 2, arbitrary: react },
  markRead,
  { weight: 2, arbitrary: since },
  before,
  after,
  search,
);

/** Steps that are asked for at once, before any of them is answered. */
const turn = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
  forget: fc.option(fc.integer({ min: 0, max: 10 }), {
    nil: undefined,
    freq: 6,
  }),
});

Deno.test("openStore() answers as a simple model does, whatever is asked for", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (turns) => {
      await using store = await openFurnished();
      const model = new ModelRoom();
      for (const { steps, forget } of turns) {
        const pairs = steps.map((step) => step(store, model));
        for (const [actual, expected] of pairs) {
          assertEquals(await actual, expected);
        }
        if (forget === undefined) continue;
        await store.messages.prune({ keep: forget });
        model.forgotten = Math.max(
          model.forgotten,
          model.messages.length - forget,
        );
      }
    }),
    { numRuns: 300 },
  );
});
