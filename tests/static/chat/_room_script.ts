import type {
  ChatRoom,
  ChatStatus,
  OutgoingMessage,
} from "../../../static/chat-client/mod.d.ts";
import type { ChatMessage, Person } from "../../../static/chat-client/mod.d.ts";
import { logItems } from "../../../static/chat/log_items.js";
import type { Room } from "../../../static/chat/room.js";
import {
  type Action,
  findRoom,
  INITIAL_STATE,
  reduce,
  type State,
} from "../../../static/chat/state.js";

export const ANA: Person = { id: "ana-1", name: "Ana" };
export const BEN: Person = { id: "ben-1", name: "Ben" };

/** What of a client's room the page's state is made of. */
export type Live = Pick<
  ChatRoom,
  | "name"
  | "kind"
  | "topic"
  | "role"
  | "isJoined"
  | "with"
  | "count"
  | "members"
  | "messages"
  | "hasOlder"
  | "position"
  | "read"
  | "slow"
  | "muted"
  | "typists"
  | "outgoing"
>;

/** Plays a session of Ana's page against the reducer, one second an event. */
export class RoomScript {
  state: State = INITIAL_STATE;
  /** Milliseconds since 1970. */
  now = new Date(2025, 2, 1, 12).getTime();
  /** What the client knows of each room. */
  readonly rooms = new Map<string, Live>();

  /** A script in which Ana is in the lobby. */
  static inLobby(members: readonly Person[] = [ANA]): RoomScript {
    return new RoomScript()
      .act({
        type: "entered",
        name: "Ana",
        account: false,
        rooms: ["lobby"],
        active: "lobby",
      })
      .act({ type: "ready", person: ANA, owner: false })
      .status({ state: "online" })
      .join("lobby", { members });
  }

  get room(): Room {
    const room = findRoom(this.state, "lobby");
    if (room === undefined) throw new Error("The lobby is closed");
    return room;
  }

  /** The lobby's lines in short. */
  get lines(): string[] {
    return logItems(this.room, ANA.id).flatMap((item) => {
      if (item.kind === "notice") {
        return `${item.line.own ? "me" : item.line.name} ${item.line.event}`;
      }
      if (item.kind !== "message") return item.kind === "new" ? "new" : [];
      const { own, from, text, status } = item.line;
      return `${own ? "me" : from.name}: ${text}` +
        (status === "sent" ? "" : ` (${status})`);
    });
  }

  act(action: Action): this {
    this.state = reduce(this.state, action);
    this.now += 1000;
    return this;
  }

  status(status: ChatStatus): this {
    return this.act({ type: "status", status });
  }

  join(
    name: string,
    { members = [ANA], ...known }:
      & Partial<Omit<Live, "members">>
      & { readonly members?: readonly Person[] } = {},
  ): this {
    const { length: offset } = known.messages ?? [];
    const live: Live = {
      name,
      kind: "public",
      topic: "",
      role: "member",
      isJoined: true,
      with: undefined,
      count: members.length,
      members: new Map(members.map((member) => [member.id, member])),
      messages: [],
      hasOlder: false,
      position: { epoch: "e", offset, change: 0 },
      read: offset,
      slow: 0,
      muted: undefined,
      typists: [],
      outgoing: [],
      ...known,
    };
    this.rooms.set(name, live);
    return this.act({ type: "joined", live: live as ChatRoom, now: this.now });
  }

  /** The client knows something else of a room now. */
  know(known: Partial<Live>, name = "lobby"): this {
    const live = { ...this.rooms.get(name)!, ...known };
    this.rooms.set(name, live);
    return this.act({ type: "synced", live: live as ChatRoom, now: this.now });
  }

  hear(
    from: Person,
    text: string,
    { room = "lobby", ...more }: Partial<ChatMessage> = {},
  ): this {
    const { messages } = this.rooms.get(room)!;
    const message = this.message(from, text, {
      room,
      offset: messages.length + 1,
      ...more,
    });
    this.act({ type: "heard", room, message });
    return this.know({
      messages: [...messages, message],
      position: { epoch: "e", offset: message.offset, change: 0 },
    }, room);
  }

  message(
    from: Person,
    text: string,
    more: Partial<ChatMessage> = {},
  ): ChatMessage {
    const offset = more.offset ?? 1;
    const time = new Date(this.now).toISOString();
    return {
      room: "lobby",
      offset,
      id: `m${offset}`,
      from,
      text,
      time,
      ...more,
    };
  }

  outgoing(...messages: readonly OutgoingMessage[]): this {
    return this.know({ outgoing: messages });
  }

  presence(
    change: { joined?: Person[]; left?: string[]; changed?: Person[] },
  ): this {
    const members = new Map(this.rooms.get("lobby")!.members);
    for (const id of change.left ?? []) members.delete(id);
    for (const member of [...change.joined ?? [], ...change.changed ?? []]) {
      members.set(member.id, member);
    }
    const count = members.size;
    this.act({
      type: "presence",
      room: "lobby",
      presence: {
        type: "presence",
        room: "lobby",
        count,
        time: new Date(this.now).toISOString(),
        ...change,
      },
    });
    return this.know({ members, count });
  }
}
