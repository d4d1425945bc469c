/**
 * Chat rooms without sockets: the server side of the protocol
 * `switchboard.chat.v1`, for any transport that carries messages in order.
 *
 * A {@linkcode Chat} knows who is connected and who is in which room; what is
 * said is kept by a {@linkcode ChatStore}. Give {@linkcode Chat.connect} a
 * {@linkcode Client}, which is where the frames for that connection go, and pass
 * what the connection says to the {@linkcode Session} you get. Nothing throws at
 * a client's fault: a bad message is answered with an {@linkcode ErrorMessage}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Chat, Identity, openStore } from "@switchboard/switchboard/chat";
 *
 * await using store = openStore({ path: ":memory:" });
 * const identity = new Identity(store);
 * await identity.start();
 * const chat = new Chat({ store, identity, encode: (json) => json });
 * const heard: string[] = [];
 * const session = chat.connect({
 *   send: (frame) => heard.push(JSON.parse(frame).type),
 *   close: (code, reason) => console.log(code, reason),
 * });
 * await session.receive('{"type":"hello","name":"Ana"}');
 * await session.receive('{"type":"join","room":"lobby"}');
 * session.disconnect();
 * await chat.close();
 * assertEquals(heard, ["welcome", "ready", "joined"]);
 * ```
 *
 * @module
 */
export type { Actor } from "./actor.ts";
export { type Broker, type LiveEvent, LocalBroker } from "./broker.ts";
export { Chat, type ChatOptions } from "./chat.ts";
export type * from "./client_messages.ts";
export { type Cancel, type Clock } from "./clock.ts";
export { CHAT_CLOSE, type ChatCloseCode } from "./close_codes.ts";
export { CHAT_DEFAULTS, type ChatConfig } from "./config.ts";
export { CHAT_ERRORS, type ChatErrorCode, ChatRefusal } from "./errors.ts";
export { FaultLog, type FaultLogOptions } from "./fault_log.ts";
export type {
  Identified,
  IdentityRefusal,
  KnownPerson,
} from "./identity/identified.ts";
export {
  Identity,
  type IdentityMode,
  type IdentityOptions,
  type OwnSession,
} from "./identity/identity.ts";
export type {
  Passwords,
  PasswordsOptions,
  PasswordVerdict,
  ScryptCost,
} from "./identity/passwords.ts";
export type {
  TokenVerdict,
  TokenVerifier,
  VerifiedToken,
} from "./identity/verified_token.ts";
export {
  CHAT_LIMITS,
  CHAT_PROTOCOL,
  type ChatLimits,
  MAX_MESSAGE_BYTES,
} from "./limits.ts";
export type {
  Admission,
  Listener,
  LiveMember,
  LiveRoom,
  LiveRoomContext,
} from "./live_room.ts";
export type { LiveRooms } from "./live_rooms.ts";
export type * from "./model.ts";
export type { OnlinePeople, OnlinePerson } from "./online_people.ts";
export * from "./operations/mod.ts";
export {
  CONNECTION_RATES,
  type ConnectionRateName,
  type ConnectionRates,
  RateLimits,
  type RateLimitsOptions,
  type RateName,
  type RateOverrides,
  RATES,
  type Rates,
  type RateScope,
  type RateSubject,
} from "./rate_limits.ts";
export type * from "./server_messages.ts";
export type { ChatSession, Client, Session } from "./session.ts";
export {
  backupStore,
  openStore,
  type SqliteStoreOptions,
} from "./sqlite/mod.ts";
export type * from "./store.ts";
export {
  STORE_ERRORS,
  StoreError,
  type StoreErrorCode,
} from "./store_error.ts";
export type { Rate } from "./token_bucket.ts";
export { TOKEN_SCOPES, type TokenScope } from "./token_scopes.ts";
