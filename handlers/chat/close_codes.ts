/**
 * The WebSocket close codes with which the chat ends a connection.
 *
 * - `goingAway`: the server stops; reconnect, with back-off.
 * - `internalError`: the server could not write to this client; reconnect.
 * - `replaced`: a newer connection took the name over; do not reconnect.
 * - `tooSlow`: the client did not read what it was sent; reconnect.
 *
 * 1001 and 1011 are those of RFC 6455 §7.4.1, the others are of the private
 * range of §7.4.2.
 */
export const CHAT_CLOSE = {
  goingAway: 1001,
  internalError: 1011,
  replaced: 4001,
  tooSlow: 4008,
} as const;

/** One of the codes of {@linkcode CHAT_CLOSE}. */
export type ChatCloseCode = typeof CHAT_CLOSE[keyof typeof CHAT_CLOSE];
