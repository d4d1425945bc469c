import { assertEquals } from "@std/assert";
import type {
  ChatConfig,
  ChatStore,
  Client,
  IdentityOptions,
  ServerMessage,
  Session,
} from "../../../handlers/chat/mod.ts";
import {
  Chat,
  Identity,
  openStore,
  RateLimits,
} from "../../../handlers/chat/mod.ts";
import { TestClock } from "./_clock.ts";

/** The time of the tests. */
export const TIME = "2026-01-02T03:04:05.006Z";

/** A message of the server of which a test wants to see anything. */
// deno-lint-ignore no-explicit-any
export type Heard = any;

/** What a test wants to be different. */
export interface ChatroomOptions {
  readonly config?: ChatConfig;
  readonly identity?: IdentityOptions;
  readonly limits?: RateLimits;
  /** Where the store is. Default: in memory. */
  readonly path?: string;
}

/**
 * A chat on a real store. Its frames are JSON, its clock stands still, and its
 * ids are `i1`, `i2` and so on.
 */
export class Chatroom implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly store: ChatStore;
  readonly identity: Identity;
  readonly chat: Chat<string>;
  /** Errors that were reported. */
  readonly errors: unknown[] = [];
  #ids = 0;

  constructor(options: ChatroomOptions = {}) {
    const newId = () => `i${++this.#ids}`;
    const { clock } = this;
    this.store = openStore({ path: options.path ?? ":memory:" });
    this.identity = new Identity(this.store, {
      now: () => clock.now(),
      newId,
      ...options.identity,
    });
    this.chat = new Chat<string>({
      store: this.store,
      identity: this.identity,
      encode: (json) => json,
      limits: options.limits ?? new RateLimits({ rates: false }),
      clock,
      newId,
      onError: (error) => this.errors.push(error),
      ...(options.config && { config: options.config }),
    });
  }

  /** Makes one that is ready for people. */
  static async open(options: ChatroomOptions = {}): Promise<Chatroom> {
    const room = new Chatroom(options);
    await room.identity.start();
    return room;
  }

  /** Connects somebody under a name to rooms, and forgets what was heard. */
  async enter(name: string, ...rooms: string[]): Promise<Person> {
    const person = new Person(this);
    await person.asks({ type: "hello", name });
    return await person.settle(rooms);
  }

  /** Connects another device of somebody, likewise. */
  async enterAgain(who: Person, ...rooms: string[]): Promise<Person> {
    const person = new Person(this);
    await person.asks({ type: "hello", resume: who.resume });
    return await person.settle(rooms);
  }

  /** Lets everybody hear who is there. */
  tellPresence(): void {
    this.clock.advance(100);
  }

  /** Resolves when what nobody waits for, such as notices, is done. */
  async quiet(): Promise<void> {
    await this.store.people.hasAccounts();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chat.close();
    await this.store[Symbol.asyncDispose]();
    assertEquals(this.errors, []);
  }
}

/** Somebody at the other end of a connection. */
export class Person implements Client<string> {
  /** The frames that came and were not yet looked at. */
  readonly frames: string[] = [];
  /** How the server ended the connection. */
  closedWith: { code: number; reason: string } | undefined;
  /** Called at every frame, after it was noted. */
  onFrame: (frame: string) => void = () => {};
  /** Called when the server ends the connection. */
  onClose: (code: number, reason: string) => void = () => {};
  readonly session: Session;
  /** The secret of `ready`. */
  resume: string | undefined;
  /** Who it is. */
  person = { id: "", name: "" };

  constructor(room: Chatroom, address?: string) {
    this.session = room.chat.connect(this, { address });
  }

  /** The person's id. */
  get id(): string {
    return this.person.id;
  }

  send(frame: string): void {
    this.frames.push(frame);
    this.onFrame(frame);
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
    this.onClose(code, reason);
  }

  /** Sends a request; resolves when it has been answered. */
  async asks(request: unknown): Promise<void> {
    await this.session.receive(JSON.stringify(request));
  }

  /** Says something in a room. */
  async says(room: string, text: string, id = text): Promise<void> {
    await this.asks({ type: "send", room, id, text });
  }

  /** Sends a request, and gives the last thing that came. */
  async gets(request: unknown): Promise<Heard> {
    this.hears();
    await this.asks(request);
    return this.hears().at(-1);
  }

  /** What came since it was last called. */
  hears(): Heard[] {
    return this.frames.splice(0).map((frame) => JSON.parse(frame));
  }

  /** The types of what came since. */
  hearsTypes(): ServerMessage["type"][] {
    return this.hears().map(({ type }) => type);
  }

  /** Keeps who it is, joins rooms, and forgets what was heard. */
  async settle(rooms: readonly string[]): Promise<this> {
    const [welcome, ready] = this.hears();
    assertEquals([welcome?.type, ready?.type], ["welcome", "ready"]);
    this.person = ready.person;
    this.resume = ready.resume;
    for (const room of rooms) await this.asks({ type: "join", room });
    assertEquals(this.hearsTypes(), rooms.map(() => "joined"));
    return this;
  }
}
