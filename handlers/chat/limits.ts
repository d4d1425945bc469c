/** The limits of the protocol, as the `welcome` message states them. */
export interface ChatLimits {
  /** The longest name, in code points. */
  readonly name: number;
  /** The longest room name, in code points. */
  readonly room: number;
  /** The longest message text, in code points. */
  readonly text: number;
  /** The most rooms one connection is in at once. */
  readonly rooms: number;
}

/** The limits that every {@linkcode Hub} of this protocol version keeps. */
export const CHAT_LIMITS: ChatLimits = {
  name: 32,
  room: 64,
  text: 4000,
  rooms: 20,
};

/** The subprotocol's name, as `Sec-WebSocket-Protocol` carries it. */
export const CHAT_PROTOCOL = "switchboard.chat.v1";

/** The largest message a client may send, in bytes. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024;
