import type { ChatMessage, Member, Position } from "../../handlers/chat/mod.ts";
import type { WebSocketConn } from "../../mod.ts";
import type { ModelMessage, Seen } from "./_model.ts";
import type { Town } from "./_town.ts";

/** What a device knows of a room. */
interface View {
  epoch: string;
  /** The number of the oldest message that it has. */
  first: number;
  offset: number;
  change: number;
  messages: Map<number, ChatMessage>;
  members: Map<string, Member>;
}

/** A request until it is answered; sent anew on each connection. */
interface Pending {
  readonly ref: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly onAnswer: (answer: Heard) => void;
  attempts: number;
}

/** A message of the server of which the test wants to see anything. */
// deno-lint-ignore no-explicit-any -- the checks say what is expected of it
type Heard = any;

/** How often in a row a connection may fail while the server is up. */
const MAX_FAILURES = 100;

/**
 * A client that does as the protocol says: comes back, says where it was in each
 * room, and sends again what was not answered. It notes every broken promise.
 */
export class Device {
  readonly name: string;
  /** The number of whose device it is. */
  readonly person: number;
  /** The emoji that it reacts with, and no other device does. */
  readonly emoji: string;
  /** The code of the last close that was heard of. */
  lastClose = 0;
  /** How many closes were heard of since it stopped reading. */
  closes = 0;
  /** Whether it has said that nobody is there, on this connection. */
  isAway = false;
  readonly #town: Town;
  readonly #views = new Map<string, View>();
  /** The rooms that it has been let into, and comes back to. */
  readonly #inside = new Set<string>();
  /** Those in which it will be when all has been answered. */
  readonly #planned = new Set<string>();
  /** Those in which it is on this connection. */
  readonly #entered = new Set<string>();
  /** Where it said it was, by the request's `ref`. */
  readonly #since = new Map<string, Position | undefined>();
  readonly #outbox: Pending[] = [];
  readonly #said: ModelMessage[] = [];
  #requests = 0;
  #link: { socket: WebSocketConn; conn: Deno.Conn } | undefined;
  #isReady = false;
  /** Resolves when it may connect again; absent while it may. */
  #offline: PromiseWithResolvers<void> | undefined;
  #reading: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;
  #life = Promise.resolve();

  constructor(
    town: Town,
    { person, number }: { readonly person: number; readonly number: number },
  ) {
    this.#town = town;
    this.person = person;
    this.name = `device ${number} of P${person}`;
    this.emoji = String.fromCodePoint(0x1f600 + number);
  }

  /** Begins to connect, again and again. */
  begin(): void {
    this.#life = this.#live();
  }

  /** Ends for good; resolves when it has. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.goOnline();
    this.drop();
    await this.#life;
  }

  /** Whether the server knows who it is. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether all has been answered that it has asked for. */
  get isIdle(): boolean {
    return this.#isReady && this.#outbox.length === 0 &&
      [...this.#inside].every((room) => this.#entered.has(room));
  }

  /** Whether it is in a room. */
  isIn(room: string): boolean {
    return this.#entered.has(room);
  }

  /** Whether it will be in a room when all has been answered. */
  willBeIn(room: string): boolean {
    return this.#planned.has(room);
  }

  /** The messages of a room as it knows them. */
  messagesOf(room: string): Seen[] {
    const { messages } = this.#views.get(room)!;
    return [...messages.values()].toSorted((a, b) => a.offset - b.offset).map((
      { offset, id, from, text, edited, deleted, reactions = [] },
    ) => ({
      offset,
      id,
      person: this.#town.model.personOf(from.id),
      text,
      isEdited: edited !== undefined,
      isDeleted: deleted === true,
      reactions: reactions.flatMap(({ emoji, people }) =>
        people.map((id) => `${emoji} ${this.#town.model.personOf(id)}`)
      ).toSorted(),
    }));
  }

  /** Who is in a room, by what it was told: `P0 away`, say. */
  presentIn(room: string): string[] {
    const { members } = this.#views.get(room)!;
    return [...members.values()].map(({ name, away }) =>
      away ? `${name} away` : name
    ).toSorted();
  }

  /** Says something in a room. */
  say(
    room: string,
    { text, mentions = [] }: {
      readonly text: string;
      readonly mentions?: readonly number[];
    },
  ): void {
    const { model } = this.#town;
    const id = `${this.name} ${this.#said.length}`;
    const message = model.say({
      room,
      id,
      person: this.person,
      text,
      mentions,
    });
    this.#said.push(message);
    this.#send(message, text, mentions);
  }

  /** Says again what it has said, in other words: that changes nothing. */
  repeat(number: number): void {
    const message = this.#said[number % this.#said.length];
    if (message === undefined || !this.willBeIn(message.room)) return;
    this.#send(message, "something else", []);
  }

  /** Edits or deletes something that it has said. */
  change(number: number, text: string | undefined): void {
    const message = this.#said[number % this.#said.length];
    if (message?.offset === undefined || message.isDeleted) return;
    const { room, offset } = message;
    if (!this.willBeIn(room)) return;
    const { model } = this.#town;
    if (text === undefined) {
      model.remove(message);
      this.#ask({ type: "delete", room, offset }, mayBeGone(message));
    } else {
      model.edit(message, text);
      this.#ask({ type: "edit", room, offset, text }, mayBeGone(message));
    }
  }

  /** Reacts to something that it has heard. */
  react(room: string, number: number): void {
    const message = this.#pick(room, number >> 1);
    if (message === undefined) return;
    const { offset } = message;
    const on = number % 2 === 0;
    const { emoji } = this;
    const { model } = this.#town;
    model.react(message, `${emoji} ${this.person}`, on);
    this.#ask({ type: "react", room, offset, emoji, on }, mayBeGone(message));
  }

  /** Has read up to something that it has heard. */
  read(room: string, number: number): void {
    const offset = this.#pick(room, number)?.offset;
    if (offset === undefined) return;
    this.#town.model.read(room, this.person, offset);
    this.#ask({ type: "read", room, offset });
  }

  /** Enters a room, from where it was. */
  join(room: string): void {
    this.#planned.add(room);
    this.#ask({ type: "join", room });
  }

  /** Leaves a room. */
  leave(room: string): void {
    if (!this.#planned.delete(room)) return;
    this.#ask({ type: "leave", room }, (answer, { attempts }) =>
      // It may have left when the answer was lost, and came back as a wish.
      answer.type === "left" || (attempts > 1 && answer.type === "error"));
  }

  /** Says whether somebody is there. */
  setAway(away: boolean): void {
    this.#ask({ type: "status", away });
  }

  /** Asks for something; resolves to the answer. */
  ask(request: Readonly<Record<string, unknown>>): Promise<Heard> {
    return new Promise((resolve) =>
      this.#ask(request, (answer) => {
        resolve(answer);
        return answer.type !== "error";
      })
    );
  }

  /** Reads what it does not have of the rooms that it is in. */
  async readAll(): Promise<void> {
    for (const room of this.#inside) {
      const view = this.#views.get(room)!;
      while (view.first > 1) {
        const before = view.first;
        const page = await this.ask({ type: "history", room, before });
        const { messages, older } = page;
        const first = messages[0]?.offset ?? 0;
        if (
          messages.at(-1)?.offset !== before - 1 || older !== first > 1 ||
          messages.length !== before - first
        ) this.#blame("a page with holes", page);
        for (const message of messages) this.#keep(view, message);
        view.first = first;
      }
    }
  }

  /** The connection is lost. */
  drop(): void {
    this.#link?.conn.close();
    this.#forgetLink();
  }

  /** The connection is lost, and there is no other for a while. */
  goOffline(): void {
    this.#offline ??= Promise.withResolvers();
    this.drop();
  }

  /** Connects again after {@linkcode goOffline}. */
  goOnline(): void {
    this.#offline?.resolve();
    this.#offline = undefined;
  }

  /** Reads nothing any more. */
  pause(): void {
    this.closes = 0;
    this.#reading = Promise.withResolvers();
  }

  /** Reads again. */
  resume(): void {
    this.#reading?.resolve();
    this.#reading = undefined;
  }

  async #live(): Promise<void> {
    let failures = 0;
    while (!this.#hasEnded) {
      await Promise.all([this.#town.up, this.#offline?.promise]);
      if (this.#hasEnded) return;
      let link;
      try {
        link = await this.#town.connect();
        failures = 0;
      } catch (error) {
        // The server ends just now.
        if (++failures === MAX_FAILURES) this.#blame("cannot connect", error);
        if (failures > MAX_FAILURES) return;
        continue;
      }
      if (this.#hasEnded || this.#offline) link.conn.close();
      else await this.#use(link);
    }
  }

  async #use(link: { socket: WebSocketConn; conn: Deno.Conn }): Promise<void> {
    this.#link = link;
    const { socket } = link;
    const over = socket.forEach((message) => {
      if (this.#link === link) this.#hear(JSON.parse(message.text()));
      return this.#reading?.promise;
    });
    const secret = this.#town.model.secretOf(this.person);
    this.#write({
      type: "hello",
      ...secret === undefined
        ? { name: `P${this.person}` }
        : { resume: secret },
    });
    for (const room of this.#inside) {
      this.#enter({ type: "join", room }, `enters ${room}`);
    }
    for (const pending of this.#outbox) this.#transmit(pending);
    const { code } = await over;
    if (this.#link === link) {
      this.lastClose = code;
      this.closes++;
      this.#forgetLink();
    }
  }

  #forgetLink(): void {
    this.#link = undefined;
    this.#isReady = false;
    this.isAway = false;
    this.#entered.clear();
    this.#since.clear();
    this.#town.changed();
  }

  #send(
    message: ModelMessage,
    text: string,
    mentions: readonly number[],
  ): void {
    const { room, id } = message;
    const { model } = this.#town;
    this.#ask({
      type: "send",
      room,
      id,
      text,
      mentions: mentions.map((person) => model.idOf(person)),
    }, (answer, { attempts }) => {
      if (answer.type !== "sent" || answer.id !== id) return false;
      const isFirst = message.offset === undefined;
      message.offset ??= answer.offset;
      if (isFirst ? attempts === 1 && answer.repeated : !answer.repeated) {
        return false;
      }
      return message.offset === answer.offset;
    });
  }

  #ask(
    request: Readonly<Record<string, unknown>>,
    isRight: (answer: Heard, pending: Pending) => boolean = isNoError,
  ): void {
    const pending: Pending = {
      ref: `${++this.#requests}`,
      request,
      onAnswer: (answer) => {
        if (!isRight(answer, pending)) {
          this.#blame(`wrong answer to ${JSON.stringify(request)}`, answer);
        }
      },
      attempts: 0,
    };
    this.#outbox.push(pending);
    if (this.#link !== undefined) this.#transmit(pending);
  }

  #transmit(pending: Pending): void {
    pending.attempts++;
    const { ref, request } = pending;
    if (request["type"] === "join") this.#enter(request, ref);
    else this.#write({ ...request, ref });
  }

  #enter(request: Readonly<Record<string, unknown>>, ref: string): void {
    const view = this.#views.get(request["room"] as string);
    const since = view && {
      epoch: view.epoch,
      offset: view.offset,
      change: view.change,
    };
    this.#since.set(ref, since);
    this.#write({ ...request, ...since && { since }, ref });
  }

  #write(request: object): void {
    // What a connection that is about to end does not take is sent again.
    this.#link?.socket.send(JSON.stringify(request));
  }

  #hear(heard: Heard): void {
    const { type, room, ref } = heard;
    if (type === "ready") {
      this.#isReady = true;
      const { model } = this.#town;
      if (!model.identify(this.person, heard.person.id, heard.resume)) {
        this.#blame("somebody else", heard);
      }
    } else if (type === "joined") this.#arrive(heard);
    else if (["message", "changed", "presence"].includes(type)) {
      if (!this.#entered.has(room)) this.#blame("heard outside", heard);
      else this.#learn(this.#views.get(room)!, heard);
    }
    if (ref !== undefined && !ref.startsWith("enters")) this.#settle(heard);
    else if (type === "error") this.#blame("refused", heard);
    this.#town.changed();
  }

  #settle(answer: Heard): void {
    const pending = this.#outbox.shift();
    if (pending?.ref !== answer.ref) {
      return this.#blame(`not the answer to ${pending?.ref}`, answer);
    }
    pending!.onAnswer(answer);
    const { request } = pending!;
    const room = request["room"] as string;
    if (request["type"] === "status") this.isAway = request["away"] === true;
    if (request["type"] === "join") this.#inside.add(room);
    if (request["type"] === "leave") {
      this.#inside.delete(room);
      this.#entered.delete(room);
    }
  }

  #arrive(joined: Heard): void {
    const { room, epoch, offset, change, recovered, messages } = joined;
    const since = this.#since.get(joined.ref);
    if ((since === undefined) !== (recovered === undefined)) {
      this.#blame("recovered or not", joined);
    }
    const start = recovered ? since!.offset : offset - messages.length;
    const before = recovered ? this.#views.get(room) : undefined;
    const view: View = {
      epoch,
      first: before?.first ?? start + 1,
      offset: start,
      change,
      messages: before?.messages ?? new Map(),
      members: new Map(),
    };
    for (const message of messages) this.#add(view, message);
    if (view.offset !== offset) this.#blame("not what offset says", joined);
    if (joined.more !== start > 0) this.#blame("more or not", joined);
    for (const message of joined.changed) {
      if (message.offset > start) this.#blame("changed, but new", joined);
      this.#keep(view, message);
    }
    for (const member of joined.members) view.members.set(member.id, member);
    if (view.members.size !== joined.count) this.#blame("count", joined);
    this.#views.set(room, view);
    this.#entered.add(room);
  }

  #learn(view: View, heard: Heard): void {
    if (heard.type === "message") {
      const { type: _, ...message } = heard;
      const own = this.#outbox.find(({ request }) =>
        request["type"] === "send" && request["id"] === message.id
      );
      if (own?.attempts === 1 && message.from.id === this.#ownId) {
        const known = this.#said.find(({ id }) => id === message.id);
        if (known?.offset === undefined) this.#blame("before the ack", heard);
      }
      this.#add(view, message);
    } else if (heard.type === "changed") {
      if (heard.change !== view.change + 1) this.#blame("a hole", heard);
      view.change = heard.change;
      this.#keep(view, heard.message);
    } else {
      for (const member of heard.joined ?? []) {
        view.members.set(member.id, member);
      }
      for (const id of heard.left ?? []) view.members.delete(id);
      for (const member of heard.changed ?? []) {
        if (!view.members.has(member.id)) this.#blame("not there", heard);
        view.members.set(member.id, member);
      }
      if (view.members.size !== heard.count) this.#blame("count", heard);
    }
  }

  get #ownId(): string {
    return this.#town.model.idOf(this.person);
  }

  #add(view: View, message: ChatMessage): void {
    if (message.offset !== view.offset + 1) this.#blame("a hole", message);
    view.offset = message.offset;
    this.#keep(view, message);
  }

  /** Takes a message as it is now, which stays the same one. */
  #keep(view: View, message: ChatMessage): void {
    const before = view.messages.get(message.offset);
    if (before !== undefined && before.id !== message.id) {
      this.#blame(`was ${before.id} before`, message);
    }
    view.messages.set(message.offset, message);
  }

  /** One of the messages that it knows of a room, if it may speak there. */
  #pick(
    room: string,
    number: number,
  ): (ModelMessage & { readonly offset: number }) | undefined {
    const view = this.#views.get(room);
    if (!this.willBeIn(room) || view === undefined) return undefined;
    const count = view.offset - view.first + 1;
    if (count <= 0) return undefined;
    const offset = view.first + number % count;
    const message = this.#town.model.at(room, offset);
    return message as ModelMessage & { readonly offset: number } | undefined;
  }

  #blame(why: string, what: unknown): void {
    const detail = what instanceof Error ? what.message : JSON.stringify(what);
    this.#town.faults.push(`${this.name}: ${why}: ${detail.slice(0, 600)}`);
    this.#town.changed();
  }
}

function isNoError(answer: Heard): boolean {
  return answer.type !== "error";
}

/** Somebody may have taken the message back meanwhile. */
function mayBeGone(message: ModelMessage): (answer: Heard) => boolean {
  return (answer) =>
    answer.type === "done" ||
    (answer.code === "message_unknown" && message.isDeleted);
}
