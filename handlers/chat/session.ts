import type { Board } from "./board.ts";
import { CHAT_CLOSE, type ChatCloseCode } from "./close_codes.ts";
import { errorMessage } from "./errors.ts";
import { CHAT_LIMITS } from "./limits.ts";
import type {
  JoinRequest,
  LeaveRequest,
  Member,
  NameRequest,
  SayRequest,
  ServerMessage,
} from "./messages.ts";
import { parseRequest } from "./parse_request.ts";
import type { Room, RoomMember } from "./room.ts";

/**
 * A connection as the hub sees it from the inside: where its frames go.
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
  /** The member's id, as others see it. */
  readonly id: string;
  /** The member's name; empty until it chose one. */
  readonly name: string;
  /**
   * Takes one message of the client. A binary one is answered with the error
   * `not_text`. Does nothing after the end.
   */
  receive(data: string | Uint8Array): void;
  /**
   * Says that the connection is lost. The member leaves its rooms and gives
   * its name back. May be called more than once.
   */
  disconnect(): void;
}

/** One connection: its name, its rooms, and what it may ask. */
export class ChatSession<Frame> implements Session, RoomMember<Frame> {
  /** See {@linkcode Session.id}. */
  readonly id: string;
  readonly #board: Board<Frame, ChatSession<Frame>>;
  readonly #client: Client<Frame>;
  readonly #onEnd: (session: ChatSession<Frame>) => void;
  readonly #rooms = new Map<string, Room<Frame>>();
  #name = "";
  #open = true;

  /** Welcomes the client. `onEnd` is called when it is gone. */
  constructor(client: Client<Frame>, { board, onEnd }: {
    board: Board<Frame, ChatSession<Frame>>;
    onEnd: (session: ChatSession<Frame>) => void;
  }) {
    this.#board = board;
    this.#client = client;
    this.#onEnd = onEnd;
    this.id = board.newId();
  }

  /** See {@linkcode Session.name}. */
  get name(): string {
    return this.#name;
  }

  /** Says the first message of the connection. */
  welcome(): void {
    this.#reply({ type: "welcome", member: this.id, limits: CHAT_LIMITS });
  }

  /** See {@linkcode Session.receive}. */
  receive(data: string | Uint8Array): void {
    this.#board.sequence.run(() => {
      if (this.#open) this.#handle(data);
    });
  }

  /** See {@linkcode Session.disconnect}. */
  disconnect(): void {
    if (!this.#open) return;
    // At once, so that nothing more is sent; the rest in its turn.
    this.#open = false;
    this.#board.sequence.run(() => this.#vanish());
  }

  /** Hands a frame to the client. Never throws. */
  send(frame: Frame): void {
    if (!this.#open) return;
    try {
      this.#client.send(frame);
    } catch {
      // A frame is missing now, so the client cannot go on.
      this.disconnect();
      this.#close(CHAT_CLOSE.internalError, "the server could not send");
    }
  }

  /** Ends the session with its client's connection. */
  end(code: ChatCloseCode, reason: string): void {
    const wasOpen = this.#open;
    this.#open = false;
    this.#vanish();
    if (wasOpen) this.#close(code, reason);
  }

  #handle(data: string | Uint8Array): void {
    if (typeof data !== "string") {
      return this.#reply(errorMessage("not_text"));
    }
    const request = parseRequest(data);
    switch (request.type) {
      case "name":
        return this.#rename(request);
      case "join":
        return this.#join(request);
      case "leave":
        return this.#leave(request);
      case "message":
        return this.#say(request);
      case "error":
        return this.#reply(request);
    }
  }

  #rename({ name, key, ref }: NameRequest): void {
    const { names } = this.#board;
    const holder = names.holderOf(name);
    if (holder !== undefined && holder !== this) {
      if (!names.opens(name, key)) {
        return this.#reply(errorMessage("name_taken", { ref }));
      }
      holder.end(CHAT_CLOSE.replaced, "replaced by a newer connection");
    }
    const was = this.#name;
    names.release(was, this);
    names.hold(name, { holder: this, key });
    this.#name = name;
    const member = this.#member();
    this.#reply({ type: "named", member, ref });
    if (was === name) return;
    const time = this.#board.time();
    for (const room of this.#rooms.values()) {
      room.broadcast(this.#board.encode(
        { type: "member_renamed", room: room.name, member, was, time },
      ));
    }
  }

  #join({ room: name, ref }: JoinRequest): void {
    if (this.#name === "") {
      return this.#reply(errorMessage("name_required", { ref, room: name }));
    }
    const isNew = !this.#rooms.has(name);
    if (isNew && this.#rooms.size >= CHAT_LIMITS.rooms) {
      return this.#reply(errorMessage("too_many_rooms", { ref, room: name }));
    }
    const room = this.#board.enter(name, this);
    this.#rooms.set(name, room);
    const time = this.#board.time();
    const members = room.members();
    this.#reply({ type: "joined", room: name, members, time, ref });
    if (!isNew) return;
    const member = this.#member();
    room.broadcast(
      this.#board.encode({ type: "member_joined", room: name, member, time }),
      this,
    );
  }

  #leave({ room: name, ref }: LeaveRequest): void {
    const room = this.#rooms.get(name);
    if (room === undefined) {
      return this.#reply(errorMessage("not_in_room", { ref, room: name }));
    }
    this.#rooms.delete(name);
    this.#reply({ type: "left", room: name, ref });
    this.#board.exit(room, this, {
      member: this.#member(),
      time: this.#board.time(),
    });
  }

  #say({ room: name, text, ref }: SayRequest): void {
    const room = this.#rooms.get(name);
    if (room === undefined) {
      const code = this.#name === "" ? "name_required" : "not_in_room";
      return this.#reply(errorMessage(code, { ref, room: name }));
    }
    room.broadcast(this.#board.encode({
      type: "message",
      room: name,
      id: this.#board.newId(),
      from: this.#member(),
      text,
      time: this.#board.time(),
      ref,
    }));
  }

  /** Leaves every room and gives the name back. Harmless when repeated. */
  #vanish(): void {
    const rooms = [...this.#rooms.values()];
    this.#rooms.clear();
    this.#board.names.release(this.#name, this);
    this.#onEnd(this);
    const member = this.#member();
    const time = this.#board.time();
    for (const room of rooms) this.#board.exit(room, this, { member, time });
  }

  #close(code: ChatCloseCode, reason: string): void {
    try {
      this.#client.close(code, reason);
    } catch {
      // A connection that cannot be closed is gone already.
    }
  }

  #reply(message: ServerMessage): void {
    this.send(this.#board.encode(message));
  }

  #member(): Member {
    return { id: this.id, name: this.#name };
  }
}
