import { type Broker, type LiveEvent, LocalBroker } from "./broker.ts";
import { type Cancel, type Clock, isoTime, SYSTEM_CLOCK } from "./clock.ts";
import { CHAT_CLOSE } from "./close_codes.ts";
import { CHAT_DEFAULTS, type ChatConfig } from "./config.ts";
import { FaultLog } from "./fault_log.ts";
import type { Identified } from "./identity/identified.ts";
import type { Identity } from "./identity/identity.ts";
import { CHAT_LIMITS } from "./limits.ts";
import { LiveRooms } from "./live_rooms.ts";
import type { ChatMessage } from "./model.ts";
import { tellConcerned } from "./notices.ts";
import { OnlinePeople, type OnlinePerson } from "./online_people.ts";
import { RateLimits } from "./rate_limits.ts";
import type { ServerMessage } from "./server_messages.ts";
import { ChatSession, type Client, type Session } from "./session.ts";
import type { ChatStore, MessageChange } from "./store.ts";

/** What a {@linkcode Chat} is made of. */
export interface ChatOptions<Frame> {
  /** What is kept. It stays open when the chat closes. */
  readonly store: ChatStore;
  /** Who people are; of the same store, and started. */
  readonly identity: Identity;
  /**
   * Makes the frame that {@linkcode Client.send} gets from a message in JSON.
   * A message for many is encoded once.
   */
  readonly encode: (json: string) => Frame;
  /**
   * As `encode`, of several messages as one frame: what is stored at the same
   * time. Default: each has a frame of its own.
   */
  readonly encodeAll?: (json: readonly string[]) => Frame;
  /** As `encode`, of a message for one connection. Default: `encode`. */
  readonly encodeForOne?: (json: string) => Frame;
  /** How much of what is too much. Default: with its defaults. */
  readonly limits?: RateLimits;
  /** What can be chosen. Default: {@linkcode CHAT_DEFAULTS}. */
  readonly config?: ChatConfig;
  /** What tells other processes of this chat. Default: there are none. */
  readonly broker?: Broker;
  /** Where times come from. Default: the system. */
  readonly clock?: Clock;
  /** Makes a new id. Default: `crypto.randomUUID`. */
  readonly newId?: () => string;
  /** Told of errors that are no client's fault. Default: a `FaultLog`. */
  readonly onError?: (error: unknown) => void;
}

/** How often it is looked who is late, away or expired, in milliseconds. */
const LOOK_INTERVAL = 1000;

const GOING_AWAY = "the server is going away";

/**
 * The chat itself: who is connected, and in which rooms. It speaks
 * `switchboard.chat.v1` and knows nothing of sockets.
 *
 * One store has one chat, which is told by it of what was stored.
 */
export class Chat<Frame = unknown> {
  /** What is kept. */
  readonly store: ChatStore;
  /** Who people are. */
  readonly identity: Identity;
  /** How much of what is too much. */
  readonly limits: RateLimits;
  /** What was chosen. */
  readonly config: Required<ChatConfig>;
  /** Where times come from. */
  readonly clock: Clock;
  /** The rooms in which somebody is. */
  readonly rooms: LiveRooms<Frame>;
  /** Who is connected. */
  readonly people: OnlinePeople = new OnlinePeople();
  readonly #options: ChatOptions<Frame>;
  readonly #onError: (error: unknown) => void;
  readonly #broker: Broker;
  readonly #sessions = new Set<ChatSession<Frame>>();
  /** Those that have not said who they are, in order of connecting. */
  readonly #unknown = new Set<ChatSession<Frame>>();
  /** Those whose identity ends. */
  readonly #expiring = new Set<ChatSession<Frame>>();
  /** What is called when a message is stored, by what is the message's own. */
  readonly #awaited = new Map<string, (message: ChatMessage) => void>();
  /** What is still to be done that nobody waits for. */
  readonly #errands = new Set<Promise<void>>();
  #cancelLook: Cancel | undefined;
  #isClosed = false;

  /** Makes a chat that nobody is connected to. */
  constructor(options: ChatOptions<Frame>) {
    this.#options = options;
    this.store = options.store;
    this.identity = options.identity;
    this.limits = options.limits ?? new RateLimits();
    this.config = { ...CHAT_DEFAULTS, ...options.config };
    this.clock = options.clock ?? SYSTEM_CLOCK;
    const faults = new FaultLog();
    this.#onError = options.onError ?? ((error) => faults.report(error));
    this.rooms = new LiveRooms<Frame>({
      encode: (message) => this.encode(message),
      publish: (event) => this.publish(event),
      clock: this.clock,
      config: this.config,
    });
    this.#broker = options.broker ?? new LocalBroker();
    this.#broker.onEvent = (event) => this.#onEvent(event);
    this.store.messages.onAppend = (messages) => {
      for (const message of messages) this.#confirm(message);
      for (const some of Map.groupBy(messages, ({ room }) => room).values()) {
        this.#say(some);
      }
      for (const message of messages) tellConcerned(this, message);
    };
    this.store.messages.onChange = (changes) => {
      for (const change of changes) this.#onChange(change);
    };
  }

  /** How many connections there are. */
  get connectionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Takes a new connection in and welcomes it. The driver passes on what the
   * client says by {@linkcode Session.receive} and tells its end by
   * {@linkcode Session.disconnect}. After {@linkcode close} the client is
   * closed at once, with 1001.
   */
  connect(
    client: Client<Frame>,
    { address }: { readonly address?: string | undefined } = {},
  ): Session {
    const session = new ChatSession(client, { chat: this, address });
    if (this.#isClosed) {
      session.end(CHAT_CLOSE.goingAway, GOING_AWAY);
      return session;
    }
    this.#sessions.add(session);
    this.#unknown.add(session);
    this.#lookSoon();
    const { identity, config } = this;
    session.reply({
      type: "welcome",
      identity: identity.mode,
      guests: identity.guests,
      registration: identity.registration,
      login: identity.mode === "jwt" ? config.loginUrl : undefined,
      limits: { ...CHAT_LIMITS, upload: config.upload },
      time: this.time(),
    });
    return session;
  }

  /**
   * Ends every connection with 1001 and takes no new ones; resolves when what
   * there was to store because of that is stored. May be called more than once.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const session of [...this.#sessions]) {
      session.end(CHAT_CLOSE.goingAway, GOING_AWAY);
    }
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    while (this.#errands.size > 0) await Promise.all(this.#errands);
  }

  /** Makes the frame of a message. Encode once, send to many. */
  encode(message: ServerMessage): Frame {
    return this.#options.encode(JSON.stringify(message));
  }

  /** Makes the frame of a message that goes to one connection only. */
  encodeForOne(message: ServerMessage): Frame {
    const { encode, encodeForOne = encode } = this.#options;
    return encodeForOne(JSON.stringify(message));
  }

  /** Tells all processes what happens now. */
  publish(event: LiveEvent): void {
    this.#broker.publish(event);
  }

  /** The time now, as the protocol writes it. */
  time(): string {
    return isoTime(this.clock.now());
  }

  /** A new id, never given before. */
  newId(): string {
    return this.#options.newId?.() ?? crypto.randomUUID();
  }

  /** Tells of an error that is no client's fault. */
  report(error: unknown): void {
    this.#onError(error);
  }

  /**
   * Calls a function once a message is stored, before others hear of it. Gives
   * what ends the waiting; it is not called any more then.
   */
  onceStored(
    message: {
      readonly room: string;
      readonly person: string;
      readonly id: string;
    },
    call: (message: ChatMessage) => void,
  ): () => void {
    const key = keyOf(message.room, message.person, message.id);
    // The first one is the one that will not be a repetition.
    if (!this.#awaited.has(key)) this.#awaited.set(key, call);
    return () => {
      if (this.#awaited.get(key) === call) this.#awaited.delete(key);
    };
  }

  /** Sees to something that nobody waits for; {@linkcode close} does. */
  runErrand(work: () => Promise<void>): void {
    const errand = work().catch((error) => this.report(error)).finally(() => {
      this.#errands.delete(errand);
    });
    this.#errands.add(errand);
  }

  /**
   * Says in the store that the sessions of all who are connected are in use:
   * what counts is when somebody was there last, not when somebody came.
   */
  async touchSessions(): Promise<void> {
    const now = this.clock.now();
    const ids = [...this.#sessions].flatMap(({ sessionId }) => sessionId ?? []);
    await Promise.all(ids.map((id) => this.store.sessions.touch(id, now)));
  }

  /** A session has said who it is. */
  async welcome(
    session: ChatSession<Frame>,
    identified: Identified,
  ): Promise<void> {
    const { person } = identified;
    const isGuest = person.kind === "guest" && this.identity.mode !== "open";
    const online = this.people.add(session, person, { isGuest });
    session.become(identified, online);
    this.#unknown.delete(session);
    if (session.expires !== undefined) this.#expiring.add(session);
    this.#judgeAway(online);
    await this.identity.onConnected(person);
  }

  /** A session has a newer identity of the same person. */
  renew(session: ChatSession<Frame>, identified: Identified): void {
    session.become(identified, session.online);
    if (session.expires !== undefined) this.#expiring.add(session);
    this.renamed(session.online, identified.person.name);
  }

  /** A person has another name; all its rooms hear of it. */
  renamed(online: OnlinePerson, name: string): void {
    if (online.person.name === name) return;
    online.person = { ...online.person, name };
    this.#tellRooms(online);
  }

  /** A session asks for something: somebody is there. */
  notice(session: ChatSession<Frame>): void {
    session.lastActive = this.clock.now();
    if (session.isReady && session.online.isAway && !session.saysAway) {
      this.#judgeAway(session.online);
    }
  }

  /** A session says whether somebody is there. */
  setAway(session: ChatSession<Frame>, away: boolean): void {
    session.saysAway = away;
    this.#judgeAway(session.online);
  }

  /** A session has ended. */
  forget(
    session: ChatSession<Frame>,
    online: OnlinePerson | undefined,
  ): void {
    this.#sessions.delete(session);
    this.#unknown.delete(session);
    this.#expiring.delete(session);
    if (online === undefined) return;
    this.people.remove(session, online);
    if (online.sessions.length > 0) this.#judgeAway(online);
    this.runErrand(() => this.identity.onGone(online));
  }

  /** Tells who waits for it that a message is stored. */
  #confirm(message: ChatMessage): void {
    if (this.#awaited.size === 0) return;
    const key = keyOf(message.room, message.from.id, message.id);
    const call = this.#awaited.get(key);
    this.#awaited.delete(key);
    call?.(message);
  }

  /** Tells a room of messages, together if they can be. */
  #say(messages: readonly ChatMessage[]): void {
    const room = this.rooms.get(messages[0]!.room);
    if (room === undefined) return;
    const { encode, encodeAll } = this.#options;
    if (
      messages.length > 1 && encodeAll !== undefined && !room.hasArrivals
    ) {
      const authors = new Set(messages.map(({ from }) => from.id));
      return room.sayAll(encodeAll(messages.map(messageJson)), authors);
    }
    for (const message of messages) {
      const { offset, from } = message;
      room.say(encode(messageJson(message)), { offset, from: from.id });
    }
  }

  #onChange({ change, message }: MessageChange): void {
    const { room } = message;
    this.rooms.get(room)?.tellChange(
      this.encode({ type: "changed", room, change, message }),
      change,
    );
  }

  #onEvent(event: LiveEvent): void {
    switch (event.type) {
      case "present":
        return this.rooms.get(event.room)?.present(event.member);
      case "gone":
        this.rooms.get(event.room)?.gone(event.person);
        return this.rooms.tidy(event.room);
      case "tell_room": {
        const { except, message, from } = event;
        return this.rooms.get(event.room)?.tell(message, { except, from });
      }
      case "tell_person":
        return this.#tellPerson(event);
      case "room_changed":
        return this.rooms.get(event.message.room)?.change(event.message);
      case "standing": {
        const { role, mutedUntil } = event;
        const room = this.rooms.get(event.room);
        return room?.setStanding(event.person, { role, mutedUntil });
      }
      case "expel":
        return this.rooms.get(event.room)?.expel(event.person);
      case "disconnect":
        return this.#disconnect(event);
    }
  }

  #tellPerson(
    { person, message, except }: Extract<LiveEvent, { type: "tell_person" }>,
  ): void {
    const sessions = this.people.get(person)?.sessions;
    if (sessions === undefined) return;
    const frame = this.encode(message);
    for (const session of [...sessions]) {
      if (except === undefined || session.id !== except) session.send(frame);
    }
  }

  #disconnect(
    event: Extract<LiveEvent, { type: "disconnect" }>,
  ): void {
    const { person, sessions: ids, code, reason } = event;
    for (const session of [...this.people.get(person)?.sessions ?? []]) {
      if (ids === undefined || ids.includes(session.sessionId ?? "")) {
        session.end(code, reason);
      }
    }
  }

  /** A person is away when nobody is at any of its devices. */
  #judgeAway(online: OnlinePerson): void {
    const idleSince = this.clock.now() - this.config.awayAfter * 1000;
    const isAway = online.sessions.every((session) =>
      session.saysAway || session.lastActive <= idleSince
    );
    if (isAway === online.isAway) return;
    online.isAway = isAway;
    this.#tellRooms(online);
  }

  #tellRooms(online: OnlinePerson): void {
    const names = new Set<string>();
    for (const session of online.sessions) {
      for (const { name } of session.rooms) names.add(name);
    }
    for (const room of names) {
      const live = this.rooms.get(room)?.member(online.id);
      if (live === undefined) continue;
      const member = online.asMember(live.member.role ?? "member");
      this.publish({ type: "present", room, member });
    }
  }

  #lookSoon(): void {
    this.#cancelLook ??= this.clock.schedule(() => {
      this.#cancelLook = undefined;
      this.#look();
      if (this.#sessions.size > 0) this.#lookSoon();
    }, LOOK_INTERVAL);
  }

  #look(): void {
    const now = this.clock.now();
    const helloUntil = now - this.config.helloTimeout * 1000;
    for (const session of this.#unknown) {
      if (session.connectedAt > helloUntil) break;
      session.end(CHAT_CLOSE.helloTimeout, "nobody said who they are");
    }
    for (const session of this.#expiring) {
      if (session.expires === undefined) this.#expiring.delete(session);
      else if (session.expires <= now) {
        session.end(CHAT_CLOSE.sessionEnded, "the token has expired");
      }
    }
    for (const online of this.people) this.#judgeAway(online);
  }
}

/** As JSON of `{ type: "message", ...message }`, without the copy. */
function messageJson(message: ChatMessage): string {
  return `{"type":"message",${JSON.stringify(message).slice(1)}`;
}

function keyOf(room: string, person: string, id: string): string {
  return `${person}\n${id}\n${room}`;
}
