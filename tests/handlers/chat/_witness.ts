import type { ChatMessage, Member } from "../../../handlers/chat/mod.ts";
import { type Chatroom, type Heard, Person } from "./_people.ts";

/** What a client knows of a room. */
export interface Known {
  epoch: string;
  offset: number;
  change: number;
  /** By offset; there may be older ones that it has not asked for. */
  messages: Map<number, ChatMessage>;
  members: Map<string, Member>;
}

/**
 * A client that does as the protocol says, and notes whatever breaks a promise
 * of it: a message that is lost, comes twice or in another order.
 */
export class Witness {
  readonly name: string;
  /** What it remembers, also of rooms that it is not in now. */
  readonly known = new Map<string, Known>();
  /** The rooms that it is in. */
  readonly inside = new Set<string>();
  /** What it was told to be stored: the offset, by room and id. */
  readonly acked = new Map<string, number>();
  /** Promises that were broken. */
  readonly faults: string[] = [];
  readonly #chatroom: Chatroom;
  #person!: Person;
  #resume: string | undefined;
  #isLost = true;

  constructor(chatroom: Chatroom, name: string) {
    this.#chatroom = chatroom;
    this.name = name;
  }

  /** Whether it is connected. */
  get isConnected(): boolean {
    return !this.#isLost;
  }

  /** Who it is. */
  get id(): string {
    return this.#person.id;
  }

  /** Connects, as who it was before. */
  async connect(): Promise<void> {
    this.#isLost = false;
    this.#person = new Person(this.#chatroom);
    const person = this.#person;
    person.onFrame = (frame) => {
      if (person === this.#person) this.#hear(JSON.parse(frame));
    };
    await person.asks(
      this.#resume === undefined
        ? { type: "hello", name: this.name }
        : { type: "hello", resume: this.#resume },
    );
  }

  /** Loses the connection. */
  vanish(): void {
    this.#isLost = true;
    this.inside.clear();
    this.#person.session.disconnect();
  }

  /** Sends a request; nobody has to wait for the answer. */
  asks(request: object): Promise<void> {
    return this.#person.asks(request);
  }

  /** Enters a room, from where it was. */
  joins(room: string): Promise<void> {
    const known = this.known.get(room);
    const since = known &&
      { epoch: known.epoch, offset: known.offset, change: known.change };
    return this.asks({ type: "join", room, ...(since && { since }) });
  }

  #hear(message: Heard): void {
    if (this.#isLost) this.#blame("heard after the end", message);
    const { type, room } = message;
    if (type === "ready") {
      this.#person.person = message.person;
      this.#resume ??= message.resume;
    } else if (type === "joined") this.#enter(message);
    else if (type === "left") this.inside.delete(room);
    else if (type === "sent") {
      const key = `${room}/${message.id}`;
      const before = this.acked.get(key);
      if (before !== undefined && before !== message.offset) {
        this.#blame(`acked as ${before} before`, message);
      }
      this.acked.set(key, message.offset);
    } else if (["message", "changed", "presence"].includes(type)) {
      if (!this.inside.has(room)) this.#blame("heard outside", message);
      else this.#learn(this.known.get(room)!, message);
    }
  }

  #enter(joined: Heard): void {
    const { room, epoch, offset, change, recovered } = joined;
    const before = recovered ? this.known.get(room) : undefined;
    const known: Known = {
      epoch,
      offset: before?.offset ?? offset - joined.messages.length,
      change,
      messages: before?.messages ?? new Map(),
      members: new Map(),
    };
    for (const message of joined.messages) this.#add(known, message);
    if (known.offset !== offset) this.#blame("not what offset says", joined);
    for (const message of joined.changed) {
      known.messages.set(message.offset, message);
    }
    for (const member of joined.members) known.members.set(member.id, member);
    this.known.set(room, known);
    this.inside.add(room);
  }

  #learn(known: Known, heard: Heard): void {
    if (heard.type === "message") {
      const { type: _, ...message } = heard;
      if (
        message.from.id === this.id &&
        !this.acked.has(`${message.room}/${message.id}`)
      ) this.#blame("heard before the ack", heard);
      this.#add(known, message);
    } else if (heard.type === "changed") {
      if (heard.change !== known.change + 1) this.#blame("a hole", heard);
      known.change = heard.change;
      known.messages.set(heard.message.offset, heard.message);
    } else {
      for (const member of heard.joined ?? []) {
        known.members.set(member.id, member);
      }
      for (const id of heard.left ?? []) known.members.delete(id);
      for (const member of heard.changed ?? []) {
        if (!known.members.has(member.id)) this.#blame("not there", heard);
        known.members.set(member.id, member);
      }
      if (known.members.size !== heard.count) this.#blame("count", heard);
    }
  }

  #add(known: Known, message: ChatMessage): void {
    if (message.offset !== known.offset + 1) this.#blame("a hole", message);
    known.offset = message.offset;
    known.messages.set(message.offset, message);
  }

  #blame(why: string, what: unknown): void {
    this.faults.push(`${this.name}: ${why}: ${JSON.stringify(what)}`);
  }
}
