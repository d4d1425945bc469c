import { type Listener, LiveRoom, type LiveRoomContext } from "./live_room.ts";

/** The rooms in which somebody is. */
export class LiveRooms<Frame = unknown> {
  readonly #rooms = new Map<string, LiveRoom<Frame>>();
  readonly #context: LiveRoomContext<Frame>;

  /** Makes none. */
  constructor(context: LiveRoomContext<Frame>) {
    this.#context = context;
  }

  /** The room of that name, if somebody is in it. */
  get(name: string): LiveRoom<Frame> | undefined {
    return this.#rooms.get(name);
  }

  /** The room of that name, where somebody is about to come in. */
  expect(name: string, listener: Listener<Frame>): LiveRoom<Frame> {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      room = new LiveRoom(name, this.#context);
      this.#rooms.set(name, room);
    }
    room.expect(listener);
    return room;
  }

  /** Forgets a room if nobody is in it. */
  tidy(name: string): void {
    const room = this.#rooms.get(name);
    if (room?.isEmpty !== true) return;
    room.dispose();
    this.#rooms.delete(name);
  }
}
