import type { LiveEvent } from "./broker.ts";
import { type Cancel, type Clock, isoTime } from "./clock.ts";
import type { ChatConfig } from "./config.ts";
import type { Member, RoomRole } from "./model.ts";
import {
  isSameMember,
  PresenceChanges,
  type PresenceDiff,
} from "./presence.ts";
import type { RoomChangedMessage, ServerMessage } from "./server_messages.ts";

/** A connection, as a room sees it. */
export interface Listener<Frame> {
  /** Whose connection it is. */
  readonly personId: string;
  /** Hands a frame to the connection. Must not throw. */
  send(frame: Frame): void;
  /** It is not in that room any more, though it did not leave. */
  onDismissed(room: string): void;
}

/** What a room needs from around it. */
export interface LiveRoomContext<Frame> {
  /** Makes the frame that is sent from a message. */
  encode(message: ServerMessage): Frame;
  /** Tells everybody what happens. */
  publish(event: LiveEvent): void;
  /** The time, and timers. */
  readonly clock: Clock;
  /** What can be chosen. */
  readonly config: Required<ChatConfig>;
}

/** What a room is told of somebody who comes in. */
export interface Admission<Frame> {
  /** Who comes, as others see it. */
  readonly member: Member;
  /** Until when it may not speak. */
  readonly mutedUntil: number | undefined;
  /** The seconds between two messages of a member. */
  readonly slow: number;
  /** The position of the answer: what comes after it is to be heard. */
  readonly offset: number;
  /** The same, of changes. */
  readonly change: number;
  /** Makes the answer. */
  answer(present: {
    readonly count: number;
    readonly members: readonly Member[] | undefined;
  }): Frame;
}

/** What happened in a room while somebody was coming in. */
interface Arrival<Frame> {
  /** Whether it was in the room before. */
  readonly isBack: boolean;
  readonly held: {
    readonly frame: Frame;
    readonly offset: number;
    readonly change: number;
  }[];
  /** Whether it has to leave. */
  isDismissed: boolean;
  /** Whether what it was told of the room, or is in it, is true no longer. */
  isOutdated: boolean;
}

/** Somebody who is in a room now. */
export interface LiveMember {
  /** The person as others see it. */
  member: Member;
  /** Until when it may not speak. */
  mutedUntil: number | undefined;
  /** How many of its connections here are in the room. */
  devices: number;
}

/** What has neither an offset nor a change comes after every answer. */
const ALWAYS = Number.POSITIVE_INFINITY;

/** Who is in a room now, and hears what happens in it. */
export class LiveRoom<Frame = unknown> {
  /** The room's name. */
  readonly name: string;
  readonly #context: LiveRoomContext<Frame>;
  readonly #listeners = new Set<Listener<Frame>>();
  readonly #arrivals = new Map<Listener<Frame>, Arrival<Frame>>();
  readonly #members = new Map<string, LiveMember>();
  readonly #changes = new PresenceChanges();
  /** Who was given the list since the changes were told last, and as whom. */
  readonly #informed = new Map<Listener<Frame>, Member>();
  #cancelFlush: Cancel | undefined;
  #isCounted = false;
  #toldCount = 0;
  #slow = 0;
  #lastSent: Map<string, number> | undefined;

  /** Makes a room that nobody is in. */
  constructor(name: string, context: LiveRoomContext<Frame>) {
    this.name = name;
    this.#context = context;
  }

  /** Whether nobody listens here, or is coming in. */
  get isEmpty(): boolean {
    return this.#listeners.size === 0 && this.#arrivals.size === 0;
  }

  /** How many members are there. */
  get count(): number {
    return this.#members.size;
  }

  /** Somebody who is there. */
  member(id: string): Readonly<LiveMember> | undefined {
    return this.#members.get(id);
  }

  /** Everybody who is there, in order of coming. */
  *members(): IterableIterator<Member> {
    for (const { member } of this.#members.values()) yield member;
  }

  /**
   * Somebody is about to come in: what happens from now on is held back, until
   * {@linkcode admit} or {@linkcode giveUp}.
   */
  expect(listener: Listener<Frame>): void {
    const isBack = this.#listeners.delete(listener);
    this.#arrivals.set(listener, {
      isBack,
      held: [],
      isDismissed: false,
      isOutdated: false,
    });
  }

  /** Somebody is not let in; who was in before stays, and has missed nothing. */
  giveUp(listener: Listener<Frame>): void {
    const arrival = this.#arrivals.get(listener);
    if (arrival === undefined) return;
    this.#arrivals.delete(listener);
    if (!arrival.isBack) return;
    this.#listeners.add(listener);
    for (const { frame } of arrival.held) listener.send(frame);
    if (arrival.isDismissed) this.#dismiss(listener);
  }

  /**
   * Whether it has to be asked anew if somebody may come in, and as what: it was
   * told to leave meanwhile, say, or to be silent.
   */
  mustAskAnew(listener: Listener<Frame>): boolean {
    const arrival = this.#arrivals.get(listener);
    return arrival?.isDismissed === true || arrival?.isOutdated === true;
  }

  /**
   * Somebody comes in: gets the answer, then what has been held back and is not
   * part of the answer, then everything.
   */
  admit(listener: Listener<Frame>, admission: Admission<Frame>): void {
    const arrival = this.#arrivals.get(listener);
    if (arrival === undefined) return;
    const { member, mutedUntil, slow, offset, change } = admission;
    this.#slow = slow;
    this.present(member);
    this.#context.publish({ type: "present", room: this.name, member });
    const live = this.#members.get(member.id)!;
    live.mutedUntil = mutedUntil;
    if (!arrival.isBack) live.devices++;
    this.#arrivals.delete(listener);
    this.#listeners.add(listener);
    this.#changes.seen();
    this.#informed.set(listener, live.member);
    listener.send(admission.answer({
      count: this.count,
      members: this.#isCounted ? undefined : [...this.members()],
    }));
    for (const held of arrival.held) {
      if (held.offset > offset && held.change > change) {
        listener.send(held.frame);
      }
    }
  }

  /** A connection leaves. */
  leave(listener: Listener<Frame>): void {
    const isIn = this.#listeners.delete(listener) ||
      this.#arrivals.get(listener)?.isBack === true;
    this.#arrivals.delete(listener);
    this.#informed.delete(listener);
    if (!isIn) return;
    const live = this.#members.get(listener.personId);
    if (live === undefined || --live.devices > 0) return;
    this.#context.publish({
      type: "gone",
      room: this.name,
      person: listener.personId,
    });
  }

  /** A person is there, or is not what it was. */
  present(member: Member): void {
    const live = this.#members.get(member.id);
    if (live === undefined) {
      this.#members.set(member.id, {
        member,
        mutedUntil: undefined,
        devices: 0,
      });
      if (this.count > this.#context.config.presenceListMax) {
        this.#isCounted = true;
      }
      this.#changes.came(member);
    } else {
      if (isSameMember(live.member, member)) return;
      this.#changes.changed(live.member, member);
      live.member = member;
    }
    this.#flushSoon();
  }

  /** A person is not there any more. */
  gone(id: string): void {
    const live = this.#members.get(id);
    if (live === undefined) return;
    this.#members.delete(id);
    this.#changes.went(live.member);
    this.#flushSoon();
  }

  /** A person has another role, or may not speak until a time. */
  setStanding(
    id: string,
    { role, mutedUntil }: {
      readonly role: RoomRole;
      readonly mutedUntil: number | undefined;
    },
  ): void {
    for (const [listener, arrival] of this.#arrivals) {
      if (listener.personId === id) arrival.isOutdated = true;
    }
    const live = this.#members.get(id);
    if (live === undefined) return;
    live.mutedUntil = mutedUntil;
    const { role: _, ...member } = live.member;
    this.present(role === "member" ? member : { ...member, role });
  }

  /** A person has to leave, with all its devices. */
  expel(id: string): void {
    for (const listener of [...this.#listeners]) {
      if (listener.personId === id) this.#dismiss(listener);
    }
    for (const [listener, arrival] of this.#arrivals) {
      if (listener.personId === id) arrival.isDismissed = true;
    }
  }

  /** A message was stored. */
  say(
    frame: Frame,
    { offset, from }: { readonly offset: number; readonly from: string },
  ): void {
    this.#introduce(from);
    this.#tell(frame, { offset, change: ALWAYS });
  }

  /** Whether somebody is coming in, for whom messages are held back. */
  get hasArrivals(): boolean {
    return this.#arrivals.size > 0;
  }

  /** Messages were stored, while nobody was coming in. */
  sayAll(frame: Frame, authors: Iterable<string>): void {
    for (const from of authors) this.#introduce(from);
    for (const listener of this.#listeners) listener.send(frame);
  }

  /** A change of a message was stored. */
  tellChange(frame: Frame, change: number): void {
    this.#tell(frame, { offset: ALWAYS, change });
  }

  /** Tells everybody in the room something that is soon forgotten. */
  tell(
    message: ServerMessage,
    { except, from }: {
      readonly except?: string | undefined;
      readonly from?: string | undefined;
    } = {},
  ): void {
    if (from !== undefined) this.#introduce(from);
    const frame = this.#context.encode(message);
    for (const listener of this.#listeners) {
      if (listener.personId !== except) listener.send(frame);
    }
  }

  /** Tells that the room has changed; if it is gone or reset, all leave it. */
  change(message: RoomChangedMessage): void {
    if (message.slow !== undefined) {
      this.#slow = message.slow;
      for (const arrival of this.#arrivals.values()) arrival.isOutdated = true;
    }
    const frame = this.#context.encode(message);
    this.#tell(frame, { offset: ALWAYS, change: ALWAYS });
    if (!message.gone && !message.reset) return;
    for (const listener of [...this.#listeners]) this.#dismiss(listener);
    for (const arrival of this.#arrivals.values()) arrival.isDismissed = true;
  }

  /**
   * In how many seconds a person may speak again, by slow mode; 0 for now.
   */
  waitOf(id: string): number {
    const last = this.#slow > 0 ? this.#lastSent?.get(id) : undefined;
    if (last === undefined) return 0;
    const wait = last + this.#slow * 1000 - this.#context.clock.now();
    // A clock that was put back makes nobody wait for longer.
    return Math.min(Math.max(0, Math.ceil(wait / 1000)), this.#slow);
  }

  /** A person speaks. Gives what is called if nothing comes of it. */
  speaks(id: string): () => void {
    if (this.#slow === 0) {
      this.#lastSent = undefined;
      return () => {};
    }
    const now = this.#context.clock.now();
    const lastSent = this.#lastSent ??= new Map();
    const before = lastSent.get(id);
    // In the order of times, so that the oldest come first.
    lastSent.delete(id);
    lastSent.set(id, now);
    for (const [other, time] of lastSent) {
      if (time + this.#slow * 1000 > now) break;
      lastSent.delete(other);
    }
    return () => {
      if (before === undefined) lastSent.delete(id);
      else lastSent.set(id, before);
    };
  }

  /** Tells nothing any more. */
  dispose(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  #dismiss(listener: Listener<Frame>): void {
    this.leave(listener);
    listener.onDismissed(this.name);
  }

  #tell(
    frame: Frame,
    { offset, change }: { readonly offset: number; readonly change: number },
  ): void {
    for (const listener of this.#listeners) listener.send(frame);
    if (this.#arrivals.size === 0) return;
    for (const { held } of this.#arrivals.values()) {
      held.push({ frame, offset, change });
    }
  }

  /** Who joins is told before what it says. */
  #introduce(id: string): void {
    if (!this.#isCounted && this.#changes.hasNews(id)) this.#flush();
  }

  #flushSoon(): void {
    if (this.#cancelFlush !== undefined) return;
    const { clock, config } = this.#context;
    this.#cancelFlush = clock.schedule(
      () => {
        this.#cancelFlush = undefined;
        this.#flush();
      },
      this.#isCounted ? config.countInterval : config.presenceInterval,
    );
  }

  #flush(): void {
    const { count } = this;
    const { clock, config } = this.#context;
    const wasCounted = this.#isCounted;
    if (count <= config.presenceListMax / 2) this.#isCounted = false;
    const diff = this.#changes.take();
    const knows = wasCounted ? undefined : this.#whoKnows(diff);
    const told = this.#toldCount;
    this.#informed.clear();
    this.#toldCount = count;
    let news: PresenceNews;
    if (this.#isCounted) {
      if (count === told) return;
      news = {};
    } else if (wasCounted) news = { members: [...this.members()] };
    else if (isNothing(diff)) return;
    else news = diff;

    const time = isoTime(clock.now());
    const frame = this.#context.encode(
      { type: "presence", room: this.name, count, ...news, time },
    );
    for (const listener of this.#listeners) {
      if (listener !== knows) listener.send(frame);
    }
  }

  /** Who has just come need not be told so, if that is all there is to tell. */
  #whoKnows({ joined, left, changed }: PresenceDiff):
    | Listener<Frame>
    | undefined {
    if (joined?.length !== 1 || left || changed) return undefined;
    const [newcomer, ...others] = this.#informed;
    if (newcomer === undefined || others.length > 0) return undefined;
    const [listener, member] = newcomer;
    return member === joined[0] ? listener : undefined;
  }
}

type PresenceNews = PresenceDiff & { readonly members?: readonly Member[] };

function isNothing({ joined, left, changed }: PresenceDiff): boolean {
  return !joined && !left && !changed;
}
