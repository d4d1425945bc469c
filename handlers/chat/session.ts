import type { Actor } from "./actor.ts";
import type { Chat } from "./chat.ts";
import { CHAT_CLOSE, type ChatCloseCode } from "./close_codes.ts";
import { ChatRefusal, errorMessage } from "./errors.ts";
import type { Identified } from "./identity/identified.ts";
import type { Listener, LiveRoom } from "./live_room.ts";
import type { OnlinePerson } from "./online_people.ts";
import { kindOf, parseRequest } from "./parse_request.ts";
import type { ChatRequest } from "./client_messages.ts";
import type { ConnectionRates } from "./rate_limits.ts";
import type { ErrorMessage, ServerMessage } from "./server_messages.ts";
import { StoreError } from "./store_error.ts";

/**
 * A connection as the chat sees it from the inside: where its frames go.
 *
 * Either method may throw; the connection then counts as lost, and no other is
 * touched by it.
 */
export interface Client<Frame> {
  /** Hands a frame to the connection, in order. */
  send(frame: Frame): void;
  /** Ends the connection. */
  close(code: ChatCloseCode, reason: string): void;
}

/** A connection as its driver sees it: where its messages go. */
export interface Session {
  /**
   * Takes one message of the client. A binary one is answered with the error
   * `not_text`. Messages are carried out one after the other: the promise
   * resolves when this one has been answered, and nothing more should be read
   * before. Does nothing after the end, and never rejects.
   */
  receive(data: string | Uint8Array): void | Promise<void>;
  /**
   * Says that the connection is lost. May be called more than once.
   */
  disconnect(): void;
}

/** What comes before anything else; each of these once. */
const COMES_IN: ReadonlySet<string> = new Set(["hello", "register", "login"]);

/** In how many seconds a store that cannot store is tried again. */
const STORE_RETRY = 2;

const NO_ROOMS: readonly never[] = [];

/** One connection: who it is, its rooms, and what it asks. */
export class ChatSession<Frame = unknown>
  implements Session, Listener<Frame>, Actor {
  /** Where it comes from, if that is known. */
  readonly address: string | undefined;
  /** The chat that it is connected to. */
  readonly chat: Chat<Frame>;
  /** When it was connected. */
  readonly connectedAt: number;
  /** When it last asked for something. */
  lastActive: number;
  /** Whether it has said that nobody is there. */
  saysAway = false;
  /** When the identity ends, if it does. */
  expires: number | undefined;
  /** The id of the session, as `sessions` lists it, if it has one. */
  sessionId: string | undefined;
  /** Whether it is the owner of the server. */
  isOwner = false;
  #id: string | undefined;
  readonly #client: Client<Frame>;
  #online: OnlinePerson | undefined;
  // A few at most: a map of one room would take 400 bytes.
  #rooms: readonly LiveRoom<Frame>[] = NO_ROOMS;
  #rates: ConnectionRates | undefined;
  #turn: Promise<void> | undefined;
  #isOpen = true;

  /** Begins a session of somebody unknown. */
  constructor(client: Client<Frame>, { chat, address }: {
    readonly chat: Chat<Frame>;
    readonly address: string | undefined;
  }) {
    this.#client = client;
    this.chat = chat;
    this.address = address;
    this.connectedAt = chat.clock.now();
    this.lastActive = this.connectedAt;
  }

  /** What tells it from other connections. */
  get id(): string {
    return this.#id ??= this.chat.newId();
  }

  /** Whether it has not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether it has said who it is. */
  get isReady(): boolean {
    return this.#online !== undefined;
  }

  /** Who it is. Throws `hello_required` until that was said. */
  get online(): OnlinePerson {
    if (this.#online === undefined) throw new ChatRefusal("hello_required");
    return this.#online;
  }

  /** See {@linkcode Actor.person}. */
  get person(): OnlinePerson["person"] {
    return this.online.person;
  }

  /** The person's id. */
  get personId(): string {
    return this.online.id;
  }

  /** Who wants things done over this connection. */
  get actor(): Actor {
    return this;
  }

  /** How many rooms it is in. */
  get roomCount(): number {
    return this.#rooms.length;
  }

  /** The rooms that it is in. */
  get rooms(): Iterable<LiveRoom<Frame>> {
    return this.#rooms;
  }

  /** Whether it is in a room. */
  isIn(room: string): boolean {
    return this.#rooms.some(({ name }) => name === room);
  }

  /** A room that it is in. Throws `not_in_room` for others. */
  room(name: string): LiveRoom<Frame> {
    const room = this.#rooms.find((room) => room.name === name);
    if (room === undefined) throw new ChatRefusal("not_in_room");
    return room;
  }

  /** See {@linkcode Session.receive}. */
  receive(data: string | Uint8Array): void | Promise<void> {
    const turn = this.#turn === undefined
      ? this.#handle(data)
      : this.#turn.then(() => this.#handle(data));
    if (turn === undefined) return;
    const settled = turn.then(() => {
      if (this.#turn === settled) this.#turn = undefined;
    });
    this.#turn = settled;
    return settled;
  }

  /** See {@linkcode Session.disconnect}. */
  disconnect(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const room of [...this.rooms]) this.leaves(room);
    this.chat.forget(this, this.#online);
  }

  /** Ends the session with its client's connection. */
  end(code: ChatCloseCode, reason: string): void {
    if (!this.#isOpen) return;
    this.disconnect();
    try {
      this.#client.close(code, reason);
    } catch {
      // A connection that cannot be closed is gone already.
    }
  }

  /** Hands a frame to the client. Never throws. */
  send(frame: Frame): void {
    if (!this.#isOpen) return;
    try {
      this.#client.send(frame);
    } catch {
      // A frame is missing now, so the client cannot go on.
      this.end(CHAT_CLOSE.internalError, "the server could not send");
    }
  }

  /** Says something to this client alone. */
  reply(message: ServerMessage): void {
    if (this.#isOpen) this.send(this.chat.encodeForOne(message));
  }

  /** From now on it is this person. */
  become({ person, sessionId, expires }: Identified, online: OnlinePerson) {
    this.#online = online;
    this.sessionId = sessionId;
    this.expires = expires;
    this.isOwner = person.isOwner;
  }

  /** It is about to be in a room. */
  enters(room: LiveRoom<Frame>): void {
    this.#rooms = this.#roomsBut(room.name).concat(room);
  }

  /** It leaves a room. */
  leaves(room: LiveRoom<Frame>): void {
    this.#rooms = this.#roomsBut(room.name);
    room.leave(this);
  }

  /** See {@linkcode Listener.onDismissed}. */
  onDismissed(room: string): void {
    this.#rooms = this.#roomsBut(room);
  }

  /** Counts a sign of typing; says whether it is one too many. */
  typesTooFast(): boolean {
    return this.#counted().take("typing") > 0;
  }

  #handle(data: string | Uint8Array): void | Promise<void> {
    if (!this.#isOpen) return;
    const wait = this.#counted().take("requests");
    if (typeof data !== "string") return this.#refuse(errorMessage("not_text"));
    const request = parseRequest(data);
    // Programs ask for that, whether somebody is there or not.
    if (request.type !== "ping") this.chat.notice(this);
    if (wait > 0) {
      const { ref } = request;
      return this.#refuse(errorMessage("too_fast", { retry_after: wait, ref }));
    }
    if (request.type === "error") return this.#refuse(request);
    if (COMES_IN.has(request.type) === this.isReady) {
      const code = this.isReady ? "already_ready" : "hello_required";
      return this.#refuse(errorMessage(code, { ref: request.ref }));
    }
    try {
      return kindOf(request.type)!.handle(request, this)
        ?.catch((error: unknown) => this.#fail(request, error));
    } catch (error) {
      this.#fail(request, error);
    }
  }

  #fail(request: ChatRequest, error: unknown): void {
    const about = {
      room: "room" in request ? request.room : undefined,
      ref: request.ref,
    };
    if (error instanceof ChatRefusal) {
      this.#refuse(errorMessage(error.code, { ...about, ...error.details }));
      return;
    }
    if (!this.#isOpen) return;
    this.chat.report(error);
    if (error instanceof StoreError) {
      // Not counted as a refusal: it is no fault of this client.
      this.reply(errorMessage("busy", { ...about, retry_after: STORE_RETRY }));
    } else {
      this.end(CHAT_CLOSE.internalError, "the server failed");
    }
  }

  #refuse(error: ErrorMessage): void {
    if (this.#counted().take("refusals") > 0) {
      this.end(CHAT_CLOSE.tooManyRefusals, "too many refusals");
    } else this.reply(error);
  }

  #roomsBut(name: string): readonly LiveRoom<Frame>[] {
    const others = this.#rooms.filter((room) => room.name !== name);
    return others.length === 0 ? NO_ROOMS : others;
  }

  #counted(): ConnectionRates {
    return this.#rates ??= this.chat.limits.connection();
  }
}
