import { assertEquals } from "@std/assert";
import {
  createChat,
  openChat,
  type WebSocketChat,
} from "../../handlers/chat.ts";
import {
  CHAT_PROTOCOL,
  type ChatStore,
  openStore,
  RateLimits,
} from "../../handlers/chat/mod.ts";
import {
  connectWebSocket,
  type HttpServer,
  serve,
  type WebSocketConn,
} from "../../mod.ts";
import { TempFolder } from "../_temp_folder.ts";
import { Device } from "./_device.ts";
import { Model } from "./_model.ts";

/** How long something may take that has to come, in milliseconds. */
const PATIENCE = 5000;

/** The fewest bytes of a message that a slow reader is flooded with. */
const FLOOD_TEXT = "\u{1f40c}".repeat(4000);

/**
 * A server of the chat on a file and a unix socket, the devices of some people,
 * and what has to come of all they do.
 */
export class Town implements AsyncDisposable {
  readonly model: Model = new Model();
  readonly devices: readonly Device[];
  /** Promises that were broken. */
  readonly faults: string[] = [];
  readonly #folder = new TempFolder();
  #life = 0;
  #running: Running | undefined;
  #up = Promise.withResolvers<void>();
  #watchers: (() => void)[] = [];

  /** `owners` are the people of the devices, by number. */
  private constructor(owners: readonly number[]) {
    this.devices = owners.map((person, number) =>
      new Device(this, { person, number })
    );
  }

  /** Starts the server; every device comes in. */
  static async open(owners: readonly number[]): Promise<Town> {
    const town = new Town(owners);
    await town.#start();
    for (const device of town.devices) {
      device.begin();
      // The other devices of a person come in by the secret of the first.
      await town.until(() => device.isReady, `${device.name} comes in`);
    }
    for (const room of town.model.rooms) {
      const [first] = town.devices;
      first?.join(room);
      first?.leave(room);
    }
    return town;
  }

  /** Resolves when the server runs. */
  get up(): Promise<void> {
    return this.#up.promise;
  }

  /** Opens a WebSocket, and gives the connection below it too. */
  async connect(): Promise<{ socket: WebSocketConn; conn: Deno.Conn }> {
    const conn = await Deno.connect({
      transport: "unix",
      path: this.#folder.at("socket"),
    });
    const socket = await connectWebSocket("ws://localhost/chat", {
      conn,
      protocols: [CHAT_PROTOCOL],
    });
    return { socket, conn };
  }

  /** Something has happened that somebody may wait for. */
  changed(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  /** Waits until something is so. */
  async until(
    isSo: () => boolean,
    what: string | (() => string),
  ): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.changed();
    }, PATIENCE);
    try {
      while (!isSo()) {
        if (isLate || this.faults.length > 0) {
          const wanted = typeof what === "string" ? what : what();
          throw new Error(["Not so: " + wanted, ...this.faults].join("\n"));
        }
        await new Promise<void>((resolve) => this.#watchers.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The server ends in order, and starts again. */
  async restart(): Promise<void> {
    this.#up = Promise.withResolvers();
    await this.#stop();
    await this.#start();
  }

  /**
   * The server is gone from one moment to the next, and starts again with what
   * was in its files at that moment.
   */
  async crash(): Promise<void> {
    this.#up = Promise.withResolvers();
    // All in one turn: nobody hears of anything that is not in the copy.
    const from = this.#file;
    this.#life++;
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(`${from}${suffix}`, `${this.#file}${suffix}`);
    }
    for (const device of this.devices) device.drop();
    await this.#stop();
    await this.#start();
  }

  /**
   * One device stops reading, and another sends until the server lets go of it.
   */
  async flood(slow: Device, loud: Device, room: string): Promise<void> {
    await this.settle();
    slow.pause();
    const { chat } = this.#running!;
    const before = chat.connectionCount;
    while (chat.connectionCount === before) {
      for (let i = 0; i < 8; i++) loud.say(room, { text: FLOOD_TEXT });
      await this.until(() => loud.isIdle, `${loud.name} hears the answers`);
    }
    loud.say(room, { text: "the last straw" });
    await this.until(() => loud.isIdle, `${loud.name} hears the answer`);
    slow.resume();
    await this.until(() => slow.closes > 0, `${slow.name} is let go`);
    assertEquals(slow.lastClose, 4008);
  }

  /** Lets all that is under way come to its end, with everybody there. */
  async settle(): Promise<void> {
    for (const device of this.devices) device.goOnline();
    for (const device of this.devices) {
      await this.until(() => device.isIdle, `${device.name} has its answers`);
    }
    // Whatever was told before this answer has been heard with it.
    for (const device of this.devices) device.ask({ type: "ping" });
    for (const device of this.devices) {
      await this.until(() => device.isIdle, `${device.name} has an answer`);
    }
  }

  /** Compares what everybody knows with the model. */
  async check(): Promise<void> {
    await this.settle();
    for (const device of this.devices) await device.readAll();
    assertEquals(this.faults, []);
    const rooms = await this.#listsOfRooms();
    for (const room of this.model.rooms) {
      const expected = this.model.messagesOf(room);
      const present = this.devices.filter((each) => each.isIn(room));
      for (const device of present) {
        assertEquals(device.messagesOf(room), expected, device.name);
        const people = this.#peopleOf(present).join();
        await this.until(
          () => device.presentIn(room).join() === people,
          () =>
            `${device.name} sees ${people}, not ${device.presentIn(room)}` +
            ` in ${room}`,
        );
      }
      for (const [index, device] of this.devices.entries()) {
        const listed = rooms[index]!.find((entry) => entry.room === room);
        const { person } = device;
        assertEquals(
          listed && {
            offset: listed.offset,
            count: listed.count,
            read: listed.read,
            unread: listed.unread,
            mentions: listed.mentions,
          },
          {
            offset: expected.length,
            count: new Set(present.map(({ person }) => person)).size,
            ...this.model.unreadOf(room, person),
          },
          `${device.name}: ${room}`,
        );
      }
    }
    assertEquals(this.faults, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = this.devices.map((device) => device.end());
    await this.#stop();
    this.#up.resolve();
    await Promise.all(ends);
    await this.#folder[Symbol.asyncDispose]();
  }

  async #listsOfRooms() {
    const lists = this.devices.map((device) => device.ask({ type: "rooms" }));
    const answers = await Promise.all(lists);
    return answers.map((answer) =>
      answer.rooms as readonly Record<string, unknown>[]
    );
  }

  /** Whose these devices are, and who of them is at no device. */
  #peopleOf(present: readonly Device[]): string[] {
    const people = new Set(present.map(({ person }) => person));
    return [...people].toSorted().map((person) =>
      this.devices.every((device) => device.person !== person || device.isAway)
        ? `P${person} away`
        : `P${person}`
    );
  }

  get #file(): string {
    return this.#folder.at(`chat${this.#life}.db`);
  }

  async #start(): Promise<void> {
    const store = openStore({ path: this.#file });
    const chat = await openChat(store, {
      limits: new RateLimits({ rates: false }),
      config: { presenceInterval: 2, awayAfter: 1_000_000 },
      onError: (error) => this.faults.push(String(error)),
    });
    const path = this.#folder.at("socket");
    const server = serve(
      { listeners: [{ path }], shutdownTimeout: 1000 },
      createChat(chat),
    );
    this.#running = { store, chat, server };
    this.#up.resolve();
  }

  async #stop(): Promise<void> {
    const { store, chat, server } = this.#running!;
    await Promise.all([chat.close(), server.shutdown()]);
    await store[Symbol.asyncDispose]();
  }
}

interface Running {
  readonly store: ChatStore;
  readonly chat: WebSocketChat;
  readonly server: HttpServer;
}
