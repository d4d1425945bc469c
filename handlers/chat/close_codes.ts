/**
 * The WebSocket close codes with which the chat ends a connection, of RFC 6455
 * §7.4.1 or of the private range of §7.4.2.
 */
export const CHAT_CLOSE = {
  /** The server stops: reconnect, with back-off. */
  goingAway: 1001,
  /** The server failed: reconnect, with back-off. */
  internalError: 1011,
  /** Disconnected by the server's owner or the API: ask the person. */
  disconnected: 4002,
  /** The session or the token has ended: not before a new login. */
  sessionEnded: 4003,
  /** Banned from the server: never again. */
  banned: 4004,
  /** The client did not read what it was sent: reconnect at once. */
  tooSlow: 4008,
  /** Nobody said who they are in time: reconnect, with back-off. */
  helloTimeout: 4009,
  /** Many requests were refused: back off for a minute. */
  tooManyRefusals: 4029,
} as const;

/** One of the codes of {@linkcode CHAT_CLOSE}. */
export type ChatCloseCode = typeof CHAT_CLOSE[keyof typeof CHAT_CLOSE];
