import type { Member, ServerMessage } from "./messages.ts";
import { NameRegister } from "./name_register.ts";
import { Room, type RoomMember } from "./room.ts";
import { Sequence } from "./sequence.ts";

/** What a {@linkcode Board} is made with. */
export interface BoardOptions<Frame> {
  /** Makes the frame that is sent from a message in JSON. */
  readonly encode: (json: string) => Frame;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
  /** A new id, never given before. */
  readonly newId: () => string;
}

/** What the sessions of one hub share: names, rooms, clock and ids. */
export class Board<Frame, Holder> {
  /** Who holds which name. */
  readonly names: NameRegister<Holder> = new NameRegister();
  /** The order in which everything happens. */
  readonly sequence: Sequence = new Sequence();
  readonly #rooms = new Map<string, Room<Frame>>();
  readonly #options: BoardOptions<Frame>;
  #closed = false;

  /** Makes a board without names and rooms. */
  constructor(options: BoardOptions<Frame>) {
    this.#options = options;
  }

  /** Whether {@linkcode close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** From now on nobody is told who leaves: everybody does. */
  close(): void {
    this.#closed = true;
  }

  /** The room of that name, if somebody is in it. */
  room(name: string): Room<Frame> | undefined {
    return this.#rooms.get(name);
  }

  /** Lets a member into a room, which comes into being if it has to. */
  enter(name: string, member: RoomMember<Frame>): Room<Frame> {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = new Room(name);
      this.#rooms.set(name, room);
    }
    room.join(member);
    return room;
  }

  /** Takes a member out of a room and tells the others. Empty rooms vanish. */
  exit(
    room: Room<Frame>,
    member: RoomMember<Frame>,
    notice: { readonly member: Member; readonly time: string },
  ): void {
    room.leave(member);
    if (room.size === 0) {
      this.#rooms.delete(room.name);
    }
    if (room.size === 0 || this.#closed) return;
    room.broadcast(
      this.encode({ type: "member_left", room: room.name, ...notice }),
    );
  }

  /** Makes the frame of a message. Encode once, send to many. */
  encode(message: ServerMessage): Frame {
    return this.#options.encode(JSON.stringify(message));
  }

  /** The time now, as the protocol writes it. */
  time(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** A new id for a member or a message. */
  newId(): string {
    return this.#options.newId();
  }
}
