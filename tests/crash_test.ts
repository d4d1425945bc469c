import { assert, assertEquals } from "@std/assert";
import {
  type ChatClient,
  ChatError,
  type ChatMessage,
  type ChatRoom,
  connectChat,
  type HistoryPage,
} from "../static/chat-client/mod.js";
import { seededRandom } from "./_seeded_random.ts";

const CLIENTS = 50;
const KILLS = 30;
const ROOM = "crash";

/** So long the server runs before it is killed, in milliseconds. */
const LIFE = { least: 100, most: 900 };

/** The limits that people have; these clients are as fast as they can be. */
const UNLIMITED = [
  "guests-address",
  "hellos-address",
  "joins-address",
  "joins-person",
  "messages-address",
  "messages-person",
  "pages-address",
  "pages-person",
  "requests",
].flatMap((name) => [`--limits-${name}`, "off"]);

/** `main.ts` on a folder, which is killed and started again on its port. */
class MortalServer implements AsyncDisposable {
  readonly #data: string;
  #child: Deno.ChildProcess | undefined;
  port = 0;

  constructor(data: string) {
    this.#data = data;
  }

  async start(): Promise<void> {
    this.#child = new Deno.Command("deno", {
      args: [
        "run",
        "--allow-net",
        "--allow-read",
        "--allow-write",
        "--allow-env",
        "main.ts",
        "--port",
        String(this.port),
        "--data",
        this.#data,
        ...UNLIMITED,
      ],
      cwd: new URL("../", import.meta.url),
      stdout: "piped",
    }).spawn();
    let output = "";
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const piece of text) {
      output += piece;
      if (output.includes("\n")) break;
    }
    this.port = Number(/:(\d+)\//.exec(output)?.[1]);
    assert(this.port > 0, `The server does not listen: ${output}`);
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Which message everybody has seen at each offset. */
class Chronicle {
  readonly #ids: string[] = [];

  see(offset: number, id: string): void {
    this.#ids[offset] ??= id;
    assertEquals(id, this.#ids[offset], `Two messages are number ${offset}`);
  }
}

/** One client, which posts as fast as it gets answers, and sees what all post. */
class Poster {
  readonly client: ChatClient;
  readonly #name: string;
  readonly #chronicle: Chronicle;
  #room!: ChatRoom;
  #catchingUp = false;
  /** The last message it has seen, and all before. */
  seen = 0;
  /** How often more was missed than the server gives at once. */
  resets = 0;
  /** What is known to be stored: offsets by texts. */
  readonly acked = new Map<string, number>();
  /** What was sent, but never answered. */
  readonly unacked: string[] = [];
  /** The first thing that was wrong. */
  failure: unknown;

  constructor(name: string, { port, chronicle, random }: {
    port: number;
    chronicle: Chronicle;
    random: () => number;
  }) {
    this.#name = name;
    this.#chronicle = chronicle;
    this.client = connectChat(`ws://127.0.0.1:${port}/chat`, {
      identity: { name },
      backoff: () => random() * 100,
    });
  }

  async enter(): Promise<void> {
    this.#room = await this.client.join(ROOM);
    this.#room.on("message", (message) => {
      if (!this.#catchingUp) this.#see(message);
    });
    this.#room.on("reset", () => this.#catchUp());
    this.client.on("error", (error) => this.failure ??= error);
  }

  /** Posts until the signal, or until its client is closed. */
  async post(signal: AbortSignal): Promise<void> {
    for (let n = 1; !signal.aborted; n++) {
      const text = `${this.#name}: ${n}`;
      try {
        const { offset } = await this.#room.send(text);
        this.acked.set(text, offset);
      } catch (error) {
        if (!(error instanceof ChatError) || error.code !== "closed") {
          this.failure ??= error;
        }
        this.unacked.push(text);
        return;
      }
    }
  }

  /** Waits until it has seen so many messages. */
  async sees(count: number): Promise<void> {
    while (this.seen < count && this.failure === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = this.client.on("message", () => resolve());
      this.#whenCaughtUp = resolve;
      await promise;
      stop();
    }
  }

  #whenCaughtUp = () => {};

  #see({ offset, id }: ChatMessage): void {
    try {
      assertEquals(offset, this.seen + 1);
      this.#chronicle.see(offset, id);
      this.seen = offset;
    } catch (error) {
      this.failure ??= error;
    }
  }

  /** Reads what was too much to come by itself. */
  async #catchUp(): Promise<void> {
    this.resets++;
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    try {
      while (this.seen < this.#room.position.offset) {
        const page = await readAfter(this.#room, this.seen);
        page.messages.forEach((message) => this.#see(message));
      }
    } catch (error) {
      // It was closed meanwhile.
      if (this.client.status.state !== "closed") this.failure ??= error;
    }
    this.#catchingUp = false;
    this.#whenCaughtUp();
  }
}

function readAfter(room: ChatRoom, offset: number): Promise<HistoryPage> {
  const place = offset === 0 ? { around: 1 } : { after: offset };
  return room.history({ ...place, limit: 100 });
}

async function readAll(port: number): Promise<ChatMessage[]> {
  const auditor = connectChat(`ws://127.0.0.1:${port}/chat`, {
    identity: { name: "auditor" },
  });
  const room = await auditor.join(ROOM);
  const messages: ChatMessage[] = [];
  for (let newer = room.position.offset > 0; newer;) {
    const page = await readAfter(room, messages.length);
    messages.push(...page.messages);
    newer = page.newer;
  }
  await auditor.close();
  return messages;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test("no message is lost or doubled when the server is killed 30 times", async () => {
  const seed = Number(
    Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0],
  );
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const data = await Deno.makeTempDir();
  await using server = new MortalServer(data);
  await server.start();

  const chronicle = new Chronicle();
  const posters = Array.from(
    { length: CLIENTS },
    (_, n) =>
      new Poster(`poster ${n + 1}`, { port: server.port, chronicle, random }),
  );
  await Promise.all(posters.map((poster) => poster.enter()));
  const stop = new AbortController();
  const posting = posters.map((poster) => poster.post(stop.signal));

  const staying = [...posters];
  for (let kill = 1; kill <= KILLS; kill++) {
    await pause(LIFE.least + random() * (LIFE.most - LIFE.least));
    // Some leave with a message on its way, whose answer nobody will hear.
    if (kill % 3 === 0) {
      const [leaver] = staying.splice(random() * staying.length, 1);
      await Promise.all([leaver!.client.close(), server.kill()]);
    } else await server.kill();
    await server.start();
  }
  stop.abort();
  await Promise.all(posting);

  const messages = await readAll(server.port);
  await Promise.all(staying.map((poster) => poster.sees(messages.length)));
  await Promise.all(posters.map(({ client }) => client.close()));
  await server.kill();
  await Deno.remove(data, { recursive: true });

  for (const { failure } of posters) assertEquals(failure, undefined);
  const resets = posters.reduce((sum, poster) => sum + poster.resets, 0);
  console.log(`${messages.length} messages, ${resets} times too many missed`);
  // Offsets have no hole, and nothing is there twice.
  const offsets = new Map<string, number>();
  for (const [index, { offset, id, text }] of messages.entries()) {
    assertEquals(offset, index + 1);
    chronicle.see(offset, id);
    assert(!offsets.has(text), `${text} is there twice`);
    offsets.set(text, offset);
  }
  for (const { acked, unacked } of posters) {
    // What was answered is there, in the order in which it was sent.
    let last = 0;
    for (const [text, offset] of acked) {
      assertEquals(offsets.get(text), offset, text);
      assert(offset > last, `${text} came out of order`);
      last = offset;
      offsets.delete(text);
    }
    // What was not may be there, once.
    for (const text of unacked) offsets.delete(text);
  }
  assertEquals([...offsets.keys()], []);
  for (const poster of staying) assertEquals(poster.seen, messages.length);
  assert(messages.length > KILLS * CLIENTS, "Hardly anything was posted");
});
