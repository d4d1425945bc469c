/**
 * Fills a store of the chat and prints how fast it takes and finds messages.
 *
 * deno run --allow-read --allow-write bench/chat_store.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { openStore } from "../handlers/chat/sqlite/mod.ts";
import type { ChatStore, NewMessage } from "../handlers/chat/store.ts";
import { ChatText, COMMON_WORD, wordOf } from "./chat_text.ts";
import { Latencies } from "./latencies.ts";
import { formatTable } from "./table.ts";

const USAGE = `Measures the store of the chat.

deno run --allow-read --allow-write bench/chat_store.ts [--messages N]

  --messages N   how many messages are searched in (1000000)
  --help         this text`;

const PEOPLE = 200;
const ROOMS = 50;
/** How many people are in the private rooms. */
const OWN_ROOMS = 20;
const text = new ChatText();

async function furnish(store: ChatStore): Promise<void> {
  for (let n = 0; n < PEOPLE; n++) {
    const name = `Person ${n}`;
    await store.people.add(
      { id: `${n}`, name, kind: "guest", isOwner: false, created: 0 },
      { nameKey: name, now: 0 },
    );
  }
  for (let n = 0; n < ROOMS; n++) {
    const kind = n % 2 === 0 ? "public" : "private";
    const room = { room: `room ${n}`, kind, topic: "", epoch: "1", slow: 0 };
    await store.rooms.add(
      { ...room, kind, created: 0 },
      n < OWN_ROOMS ? [{ person: "0", role: "owner" }] : [],
    );
  }
}

function message(): NewMessage {
  const person = text.random(PEOPLE);
  return {
    // The first rooms have most.
    room: `room ${text.random(text.random(ROOMS) + 1)}`,
    id: crypto.randomUUID(),
    from: { id: `${person}`, name: `Person ${person}` },
    text: text.next(),
    time: Date.now(),
  };
}

/** Stores messages, `together` in a turn, and gives how many in a second. */
async function append(
  store: ChatStore,
  { count, together }: { readonly count: number; readonly together: number },
): Promise<{ rate: number; latencies: Latencies }> {
  const latencies = new Latencies();
  let spent = 0;
  for (let stored = 0; stored < count; stored += together) {
    const messages = Array.from({ length: together }, message);
    const start = performance.now();
    await Promise.all(messages.map((one) => store.messages.append(one)));
    const took = performance.now() - start;
    latencies.add(took);
    spent += took;
  }
  return { rate: count / spent * 1000, latencies };
}

async function measure(
  count: number,
  ask: () => Promise<unknown>,
): Promise<Latencies> {
  const latencies = new Latencies();
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await ask();
    latencies.add(performance.now() - start);
  }
  return latencies;
}

function row(name: string, latencies: Latencies, rate = ""): string[] {
  const at = (share: number) => (latencies.percentile(share) / 1000).toFixed(2);
  return [name, rate, at(0.5), at(0.99), at(1)];
}

async function measureAppends(store: ChatStore): Promise<string[][]> {
  const rows = [];
  for (const [together, count] of [[1, 4000], [10, 20_000], [100, 50_000]]) {
    const { rate, latencies } = await append(store, {
      count: count!,
      together: together!,
    });
    rows.push(row(`append, ${together} a turn`, latencies, rate.toFixed(0)));
  }
  return rows;
}

async function measureReads(store: ChatStore): Promise<string[][]> {
  const room = "room 0";
  const { offset = 0 } = await store.rooms.get(room) ?? {};
  const { messages, rooms } = store;
  const any = () => text.random(offset);
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    "newest page of 50": () => messages.newest(room, 50),
    "any page of 50": () => messages.page(room, { before: any(), limit: 50 }),
    "since, 50 missed": () => {
      const position = { epoch: "1", offset: offset - 50, change: 0 };
      return messages.since(room, position, 500);
    },
    "list of 50 rooms": () => rooms.list({ person: "0", limit: 50 }),
    "read marker": () => rooms.markRead(room, "0", any()),
  };
  const rows = [];
  for (const [name, read] of Object.entries(reads)) {
    rows.push(row(name, await measure(1000, read)));
  }
  return rows;
}

/** Words of each kind; which of them is new each time, where there are many. */
const SEARCHES: Readonly<Record<string, () => string>> = {
  "a word in 30 % of messages": () => COMMON_WORD,
  "the most common word": () => wordOf(0),
  "common words": () => wordOf(text.random(100)),
  "rare words": () => wordOf(10_000 + text.random(20_000)),
  "no such word": () => `x${text.random(1000)}`,
  "a rare and a common word": () =>
    `${wordOf(10_000 + text.random(20_000))} ${COMMON_WORD}`,
  "two common words": () => `${wordOf(text.random(50))} ${COMMON_WORD}`,
  "one letter": () => wordOf(text.random(1000)).slice(0, 1),
  "two letters": () => wordOf(text.random(1000)).slice(0, 2),
  "three letters": () => wordOf(text.random(1000)).slice(0, 3),
  "four letters": () => wordOf(text.random(1000)).slice(0, 4),
};

const SCOPES: Readonly<Record<string, { person?: string; room?: string }>> = {
  "public rooms": {},
  "public and own rooms": { person: "0" },
  "the last room": { room: `room ${ROOMS - 1}` },
};

async function measureSearches(store: ChatStore): Promise<string[][]> {
  const rows = [];
  for (const [scope, where] of Object.entries(SCOPES)) {
    for (const [name, query] of Object.entries(SEARCHES)) {
      const latencies = await measure(
        200,
        () =>
          store.messages.search({
            words: query().split(" "),
            limit: 20,
            ...where,
          }),
      );
      rows.push(row(`search, ${scope}: ${name}`, latencies));
    }
  }
  return rows;
}

const args = parseArgs(Deno.args, { string: ["messages"], boolean: ["help"] });
if (args.help) {
  console.log(USAGE);
  Deno.exit();
}
const total = Number(args.messages ?? 1_000_000);
const folder = await Deno.makeTempDir();
try {
  await using store = openStore({ path: `${folder}/chat.db` });
  await furnish(store);
  const appends = await measureAppends(store);
  const filled = await append(store, { count: total, together: 500 });
  const fill = row(
    `append, 500 a turn, up to ${total}`,
    filled.latencies,
    filled.rate.toFixed(0),
  );
  const rows = [
    ...appends,
    fill,
    ...await measureReads(store),
    ...await measureSearches(store),
  ];
  console.log(formatTable(
    [
      { title: "what", align: "left" },
      { title: "messages/s", align: "right" },
      { title: "p50 ms", align: "right" },
      { title: "p99 ms", align: "right" },
      { title: "most ms", align: "right" },
    ],
    rows,
  ));
  const { size } = await Deno.stat(`${folder}/chat.db`);
  console.log(`\n${(size / 1_000_000).toFixed(0)} MB`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
