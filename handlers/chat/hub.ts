import { Board } from "./board.ts";
import { CHAT_CLOSE } from "./close_codes.ts";
import type { Room } from "./room.ts";
import { ChatSession, type Client, type Session } from "./session.ts";

/** How a {@linkcode Hub} encodes, and where its times and ids come from. */
export interface HubOptions<Frame> {
  /**
   * Makes the frame that {@linkcode Client.send} gets from a message in JSON.
   * A message for many is encoded once.
   */
  readonly encode: (json: string) => Frame;
  /** The time in milliseconds since 1970. Default: `Date.now`. */
  readonly now?: () => number;
  /** A new id, never given before. Default: `crypto.randomUUID`. */
  readonly newId?: () => string;
}

/**
 * The chat itself: who is connected, under which names, in which rooms. It
 * speaks `switchboard.chat.v1` and knows nothing of sockets.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Hub } from "@switchboard/switchboard/chat";
 *
 * const heard: string[] = [];
 * const hub = new Hub<string>({ encode: (json) => json });
 * const session = hub.connect({
 *   send: (frame) => heard.push(JSON.parse(frame).type),
 *   close: () => {},
 * });
 * session.receive('{"type":"name","name":"Ana"}');
 * session.receive('{"type":"join","room":"lobby"}');
 * session.receive('{"type":"message","room":"lobby","text":"hello"}');
 * assertEquals(heard, ["welcome", "named", "joined", "message"]);
 * assertEquals(hub.room("lobby")?.size, 1);
 * ```
 */
export class Hub<Frame> {
  readonly #board: Board<Frame, ChatSession<Frame>>;
  readonly #sessions = new Set<ChatSession<Frame>>();

  /** Makes a hub without members. */
  constructor(options: HubOptions<Frame>) {
    this.#board = new Board({
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
      ...options,
    });
  }

  /**
   * Takes a new connection in and welcomes it. The driver passes on what the
   * client says by {@linkcode Session.receive} and tells its end by
   * {@linkcode Session.disconnect}. After {@linkcode close} the client is
   * closed at once, with 1001.
   */
  connect(client: Client<Frame>): Session {
    const session = new ChatSession(client, {
      board: this.#board,
      onEnd: (session) => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    this.#board.sequence.run(() => {
      if (this.#board.closed) session.end(CHAT_CLOSE.goingAway, GOING_AWAY);
      else session.welcome();
    });
    return session;
  }

  /** The room of that name (normalised), while somebody is in it. */
  room(name: string): Room<Frame> | undefined {
    return this.#board.room(name);
  }

  /**
   * Ends every connection with 1001, without notices that members left, and
   * takes no new ones. May be called more than once.
   */
  close(): void {
    this.#board.sequence.run(() => {
      this.#board.close();
      // A copy: a session that ends leaves the set.
      for (const session of [...this.#sessions]) {
        session.end(CHAT_CLOSE.goingAway, GOING_AWAY);
      }
    });
  }
}

const GOING_AWAY = "the server is going away";
