import { assertEquals } from "@std/assert";
import type {
  Client,
  ServerMessage,
  Session,
} from "../../../handlers/chat/mod.ts";
import { Hub } from "../../../handlers/chat/mod.ts";

/** The hub of the tests: its frames are JSON, its time and ids are known. */
export function testHub(): Hub<string> {
  let ids = 0;
  return new Hub<string>({
    encode: (json) => json,
    now: () => Date.UTC(2024, 0, 2, 3, 4, 5, 6),
    newId: () => `id${++ids}`,
  });
}

/** The time of {@linkcode testHub}. */
export const TIME = "2024-01-02T03:04:05.006Z";

/** Somebody at the other end of a connection. */
export class Person implements Client<string> {
  /** The frames that came and were not yet looked at. */
  readonly frames: string[] = [];
  /** How the server ended the connection. */
  closedWith: { code: number; reason: string } | undefined;
  /** Called at every frame, after it was noted. */
  onFrame: (frame: string) => void = () => {};
  readonly session: Session;

  constructor(hub: Hub<string>) {
    this.session = hub.connect(this);
  }

  send(frame: string): void {
    this.frames.push(frame);
    this.onFrame(frame);
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }

  /** Sends a request. */
  asks(request: unknown): void {
    this.session.receive(JSON.stringify(request));
  }

  /** What came since it was last called. */
  hears(): ServerMessage[] {
    return this.frames.splice(0).map((frame) => JSON.parse(frame));
  }

  /** The member that others see. */
  get member(): { id: string; name: string } {
    return { id: this.session.id, name: this.session.name };
  }
}

/** Connects somebody under a name to rooms, and forgets what was heard so far. */
export function enter(
  hub: Hub<string>,
  name: string,
  ...rooms: string[]
): Person {
  const person = new Person(hub);
  person.asks({ type: "name", name });
  for (const room of rooms) person.asks({ type: "join", room });
  assertEquals(
    person.hears().map((message) => message.type),
    ["welcome", "named", ...rooms.map(() => "joined")],
  );
  return person;
}
