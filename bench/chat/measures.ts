/**
 * What is measured of the chat, each with a server that was started for it.
 *
 * @module
 */

import { Load } from "../load.ts";
import { ServerProcess } from "../server_process.ts";
import { SERVERS } from "../servers.ts";
import type { Workload } from "../workloads.ts";
import { type Answer, ChatClient } from "./chat_client.ts";
import { ChatServer, type ChatServerOptions } from "./chat_server.ts";
import { Talk } from "./talk.ts";

const WARM_UP_MS = 2_000;
// A room tells how many are in it once a second.
const QUIET_MS = 2_500;
// So long after a burst, V8 has collected its garbage and given memory back.
const IDLE_MS = 45_000;
// And so long after that, everybody who is silent has been pinged.
const PINGED_MS = 75_000;
// So many come in at the same time.
const AT_ONCE = 100;

const SENDERS = 50;
const MEMBERS = 1000;
const TALKERS = 100;
const CROWD = 5000;

/** How to measure. */
export interface MeasureOptions extends ChatServerOptions {
  /** How long the load is measured after it has warmed up, in seconds. */
  readonly seconds: number;
}

/** One figure of what was measured. */
export interface Figure {
  /** What it is, with its unit. */
  readonly name: string;
  /** How much it is. */
  readonly value: number;
  /** How many digits after the point are worth telling. */
  readonly digits: number;
}

/** Measures something once. */
export type Measure = (options: MeasureOptions) => Promise<Figure[]>;

/** All that is measured, in the order of the table. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  "100 people, each in a room of its own": (options) =>
    measureTalk((n) => `room ${n}`, options),
  "100 people in one room": (options) => measureTalk(() => "lobby", options),
  "a room of 1,000, 50 of them talk": measureFanOut,
  "5,000 people come into one room": measureCrowd,
};

async function measureTalk(
  roomOf: (n: number) => string,
  options: MeasureOptions,
): Promise<Figure[]> {
  await using server = await ChatServer.start(options);
  using crowd = await Crowd.gather(server.process.port, TALKERS);
  await crowd.join(roomOf);
  await sleep(QUIET_MS);
  using talk = new Talk(
    crowd.clients.map((client, n) => ({ client, room: roomOf(n) })),
  );
  const { rate, cost } = await measureLoad(talk, {
    ...options,
    server: server.process,
    count: () => talk.stored,
  });
  const within = (share: number) => talk.latencies.percentile(share) / 1000;
  return [
    { name: "stored messages/s", value: rate, digits: 0 },
    { name: "CPU µs/message", value: cost, digits: 1 },
    { name: "until stored, p50 ms", value: within(0.5), digits: 1 },
    { name: "until stored, p99 ms", value: within(0.99), digits: 1 },
  ];
}

async function measureFanOut(options: MeasureOptions): Promise<Figure[]> {
  const chat = await measureRoom(options);
  const bare = await measureBareFanOut(chat.bytes, options);
  return [
    { name: "stored messages/s", value: chat.rate / MEMBERS, digits: 0 },
    { name: "deliveries/s", value: chat.rate, digits: 0 },
    { name: "CPU µs/delivery", value: chat.cost, digits: 3 },
    { name: "bare: deliveries/s", value: bare.rate, digits: 0 },
    { name: "bare: CPU µs/delivery", value: bare.cost, digits: 3 },
    { name: "deliveries/s to bare", value: chat.rate / bare.rate, digits: 2 },
    {
      name: "deliveries/CPU second to bare",
      value: bare.cost / chat.cost,
      digits: 2,
    },
    { name: "bytes/delivery, of both", value: chat.bytes, digits: 0 },
  ];
}

/** Some of a room talk, all of it hear. */
async function measureRoom(
  options: MeasureOptions,
): Promise<Cost & { readonly bytes: number }> {
  await using server = await ChatServer.start(options);
  using crowd = await Crowd.gather(server.process.port, MEMBERS);
  const room = "lobby";
  await crowd.join(() => room);
  await sleep(QUIET_MS);
  using talk = new Talk(
    crowd.clients.slice(0, SENDERS).map((client) => ({ client, room })),
    { hears: SENDERS },
  );
  const silent = crowd.clients.slice(SENDERS);
  const cost = await measureLoad(talk, {
    ...options,
    server: server.process,
    count: () => silent.reduce((sum, { passed }) => sum + passed, talk.heard),
  });
  for (const { failure } of silent) if (failure !== undefined) throw failure;
  return { ...cost, bytes: talk.messageBytes };
}

/** The same with `bench/servers/switchboard.ts`, which knows no chat. */
async function measureBareFanOut(
  size: number,
  { core, seconds }: MeasureOptions,
): Promise<Cost> {
  const workload: Workload = {
    name: "fan-out",
    kind: "fan",
    connections: MEMBERS,
    senders: SENDERS,
    size,
    inFlight: 1,
    isText: true,
    isDeflated: false,
    atMost: {},
  };
  const bare = SERVERS.find(({ name }) => name === "switchboard")!;
  await using server = await ServerProcess.start(bare, {
    deflate: false,
    core,
  });
  using load = new Load(workload);
  await load.start(server.port);
  await sleep(WARM_UP_MS);
  const cost = await countFor(seconds, { server, count: () => load.received });
  load.check();
  return cost;
}

async function measureCrowd(options: MeasureOptions): Promise<Figure[]> {
  await using server = await ChatServer.start(options);
  const { process } = server;
  await sleep(QUIET_MS);
  const before = await process.memory();
  const start = performance.now();
  using crowd = await Crowd.gather(process.port, CROWD);
  const gathered = performance.now();
  const answers = await crowd.join(() => "lobby");
  const joined = performance.now();
  if (answers.some(({ type }) => type !== "joined")) {
    throw new Error("somebody was not let in");
  }
  const grown = async () => (await process.memory() - before) / CROWD;
  await sleep(IDLE_MS);
  const idle = await grown();
  await sleep(PINGED_MS);
  return [
    { name: "connect, hello s", value: (gathered - start) / 1000, digits: 1 },
    { name: "join s", value: (joined - gathered) / 1000, digits: 1 },
    { name: "KiB/idle member, after 45 s", value: idle, digits: 1 },
    { name: "KiB/idle member, after 2 min", value: await grown(), digits: 1 },
  ];
}

/** Many clients, each with a name. */
class Crowd implements Disposable {
  readonly clients: readonly ChatClient[];

  private constructor(clients: readonly ChatClient[]) {
    this.clients = clients;
  }

  /** Connects so many, who say who they are. */
  static async gather(port: number, count: number): Promise<Crowd> {
    const clients = await inTurns(count, async (n) => {
      const client = await ChatClient.open(port);
      await client.hello(`Person ${n}`);
      return client;
    });
    return new Crowd(clients);
  }

  /** All enter a room, and give the answers. */
  join(roomOf: (n: number) => string): Promise<Answer[]> {
    return inTurns(this.clients.length, async (n) => {
      return await this.clients[n]!.join(roomOf(n));
    });
  }

  /** All go. */
  [Symbol.dispose](): void {
    for (const client of this.clients) client[Symbol.dispose]();
  }
}

/** Does something so many times, always {@linkcode AT_ONCE} at the same time. */
async function inTurns<Result>(
  count: number,
  task: (n: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) {
      const n = next++;
      results[n] = await task(n);
    }
  }));
  return results;
}

/** How many a second, and what each cost the server in µs of CPU time. */
interface Cost {
  readonly rate: number;
  readonly cost: number;
}

interface Counted {
  readonly server: ServerProcess;
  readonly count: () => number;
}

/** Lets people talk, and counts once they have warmed up. */
async function measureLoad(
  talk: Talk,
  { seconds, ...counted }: Counted & { readonly seconds: number },
): Promise<Cost> {
  talk.start();
  await sleep(WARM_UP_MS);
  talk.latencies.clear();
  const cost = await countFor(seconds, counted);
  talk.check();
  return cost;
}

async function countFor(
  seconds: number,
  { server, count }: Counted,
): Promise<Cost> {
  const cpuBefore = await server.cpuTime();
  const before = count();
  const start = performance.now();
  await sleep(seconds * 1000);
  const counted = count() - before;
  const elapsed = (performance.now() - start) / 1000;
  const cpu = await server.cpuTime() - cpuBefore;
  return { rate: counted / elapsed, cost: cpu / counted };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
