/**
 * Chat rooms without sockets: the server side of the protocol
 * `switchboard.chat.v1`, for any transport that carries messages in order.
 *
 * A {@linkcode Hub} knows who is connected, under which names and in which
 * rooms. Give {@linkcode Hub.connect} a {@linkcode Client}, which is where the
 * frames for that connection go, and pass what the connection says to the
 * {@linkcode Session} you get. Nothing here waits or throws at a client's
 * fault: a bad message is answered with an {@linkcode ErrorMessage}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Hub } from "@switchboard/switchboard/chat";
 *
 * const hub = new Hub<string>({ encode: (json) => json });
 * const heard: string[] = [];
 * const session = hub.connect({
 *   send: (frame) => heard.push(JSON.parse(frame).type),
 *   close: (code, reason) => console.log(code, reason),
 * });
 * session.receive('{"type":"name","name":"Ana"}');
 * session.receive('{"type":"join","room":"lobby"}');
 * session.disconnect();
 * assertEquals(heard, ["welcome", "named", "joined"]);
 * ```
 *
 * @module
 */
export { CHAT_CLOSE, type ChatCloseCode } from "./close_codes.ts";
export { CHAT_ERRORS, type ChatErrorCode } from "./errors.ts";
export { Hub, type HubOptions } from "./hub.ts";
export {
  CHAT_LIMITS,
  CHAT_PROTOCOL,
  type ChatLimits,
  MAX_MESSAGE_BYTES,
} from "./limits.ts";
export type {
  ChatRequest,
  ErrorMessage,
  JoinedMessage,
  JoinRequest,
  LeaveRequest,
  LeftMessage,
  Member,
  MemberJoinedMessage,
  MemberLeftMessage,
  MemberRenamedMessage,
  NamedMessage,
  NameRequest,
  RoomMessage,
  SayRequest,
  ServerMessage,
  WelcomeMessage,
} from "./messages.ts";
export { Room, type RoomMember } from "./room.ts";
export type { Client, Session } from "./session.ts";
