import type { Role } from "./frame_parser.ts";
import type { AgreedDeflate, WebSocketLimits } from "./protocol.ts";

/** The options of a {@linkcode WebSocketConn}. */
export interface WebSocketConnOptions extends WebSocketLimits {
  /**
   * A peer that for this many milliseconds has sent nothing, not even the answer
   * to a ping, or has read nothing of what waits for it, is gone, and the
   * connection is cut. Any bytes of the peer count: a pong cannot interrupt a
   * long frame. Noticed at most two pings later. Default: 60,000; `Infinity`
   * waits forever.
   */
  readonly idleTimeout?: number;
  /**
   * How many milliseconds lie between two pings, which keep a connection alive
   * and measure its `latency`; at most half of `idleTimeout`. Default: only a
   * peer that was silent for half of `idleTimeout` is pinged.
   */
  readonly pingInterval?: number;
  /**
   * How many milliseconds the peer has to answer a Close frame before the
   * connection is cut. Default: 10,000.
   */
  readonly closeTimeout?: number;
  /**
   * How many bytes may wait to be written before `overflow` tells what happens.
   * Default: 64 KiB for `"wait"`, 1 MiB for `"close"`.
   */
  readonly maxBufferedBytes?: number;
  /**
   * What happens to who is sent more than it reads. Default: `"wait"`.
   *
   * - `"wait"`: `send()` returns a promise, for who sends to await.
   * - `"close"`: besides, it is closed with 1008, and what waited is dropped: for
   *   a member of a broadcast, which waits for nobody. One message alone may be
   *   larger, and a stream or Blob that is being sent does not count.
   */
  readonly overflow?: "wait" | "close";
}

/** What the opening handshake has settled. */
export interface WebSocketSession {
  /** Which side this is. */
  readonly role: Role;
  /** The URL of the WebSocket. */
  readonly url: string;
  /** The subprotocol, or an empty string. */
  readonly protocol: string;
  /** The extensions in use, as in their header field. Default: none. */
  readonly extensions?: string;
  /** How messages are compressed, if they are. */
  readonly deflate?: AgreedDeflate | undefined;
}
