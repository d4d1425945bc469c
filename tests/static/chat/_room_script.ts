import type { Link } from "../../../static/chat/connection.js";
import type {
  Limits,
  Member,
  ServerMessage,
} from "../../../static/chat/protocol.js";
import type { Line, Room } from "../../../static/chat/room.js";
import {
  type Action,
  findRoom,
  INITIAL_STATE,
  reduce,
  type State,
} from "../../../static/chat/state.js";

export const ANA: Member = { id: "ana-1", name: "Ana" };
export const BEN: Member = { id: "ben-1", name: "Ben" };

const LIMITS: Limits = { name: 32, room: 64, text: 4000, rooms: 20 };

/** Plays a session of Ana's page against the reducer, one second an event. */
export class RoomScript {
  state: State = INITIAL_STATE;
  /** Milliseconds since 1970. */
  now = new Date(2025, 2, 1, 12).getTime();
  #ids = 0;

  /** A script in which Ana is in the lobby. */
  static inLobby(members: readonly Member[] = [ANA]): RoomScript {
    return new RoomScript()
      .act({
        type: "entered",
        name: "Ana",
        rooms: ["lobby"],
        active: "lobby",
      })
      .connect()
      .hear({ type: "named", member: ANA })
      .hearJoined("lobby", members);
  }

  get room(): Room {
    const room = findRoom(this.state, "lobby");
    if (room === undefined) throw new Error("The lobby is closed");
    return room;
  }

  /** The lobby's lines in short. */
  get lines(): string[] {
    return this.room.lines.map(shortLine);
  }

  get unsent(): string[] {
    return this.room.unsent.map((line) => `${line.text}: ${line.status}`);
  }

  act(action: Action): this {
    this.state = reduce(this.state, action);
    this.now += 1000;
    return this;
  }

  link(link: Link): this {
    return this.act({ type: "link", link, now: this.now });
  }

  connect(): this {
    return this.link({ phase: "connecting" }).link({ phase: "open" })
      .hear({ type: "welcome", member: ANA.id, limits: LIMITS });
  }

  lose(): this {
    return this.link({ phase: "waiting", retryAt: this.now });
  }

  hear(message: ServerMessage): this {
    return this.act({ type: "received", message, now: this.now });
  }

  hearJoined(room: string, members: readonly Member[] = [ANA]): this {
    return this.hear({
      type: "joined",
      room,
      members: [...members],
      time: this.#time(),
    });
  }

  hearMember(type: "member_joined" | "member_left", member: Member): this {
    return this.hear({ type, room: "lobby", member, time: this.#time() });
  }

  hearRenamed(member: Member, was: string): this {
    return this.hear({
      type: "member_renamed",
      room: "lobby",
      member,
      was,
      time: this.#time(),
    });
  }

  hearText(
    from: Member,
    text: string,
    options: { room?: string; ref?: string } = {},
  ): this {
    return this.hear({
      type: "message",
      room: "lobby",
      id: `m${this.#ids++}`,
      from,
      text,
      time: this.#time(),
      ...options,
    });
  }

  say(text: string, ref: string): this {
    return this.act({ type: "said", room: "lobby", ref, text, now: this.now });
  }

  #time(): string {
    return new Date(this.now).toISOString();
  }
}

function shortLine(line: Line): string {
  return line.kind === "message"
    ? `${line.own ? "me" : line.from.name}: ${line.text}`
    : `${line.own ? "me" : line.name} ${line.event}`;
}
