import type { ErrorAnswer } from "./wire.d.ts";

/** What can go wrong on this side, by code. The server's codes come besides. */
export declare const CHAT_ERRORS: {
  /** The client was closed. */
  readonly closed: string;
  /** One has left the room, or was made to. */
  readonly left: string;
  /** The room was deleted. */
  readonly room_gone: string;
  /** Nobody has said who one is. */
  readonly signed_out: string;
  /** There is no connection, and no attempt to come by one. */
  readonly offline: string;
  /** The connection was lost before the answer came. */
  readonly disconnected: string;
  /** No answer came in time. */
  readonly timeout: string;
  /** One has become somebody else: whether it is stored cannot be known. */
  readonly unconfirmed: string;
  /** No token could be had. */
  readonly no_token: string;
  /** The request is longer than 64 KiB. */
  readonly too_large: string;
  /** The server has left something out; the client joins again. */
  readonly hole: string;
  /** The storage does not take any more. */
  readonly storage_failed: string;
  /** The upload was refused, without a word why. */
  readonly upload_failed: string;
};

/** A code of {@linkcode CHAT_ERRORS}. */
export type ChatErrorCode = keyof typeof CHAT_ERRORS;

/** What a refusal of the server says besides its code and message. */
export interface ChatErrorData {
  /** The room that the request was about. */
  readonly room?: string | undefined;
  /** The field of `invalid_field`. */
  readonly field?: string | undefined;
  /** After how many seconds to try again. */
  readonly retryAfter?: number | undefined;
  /** When a ban or mute ends; ISO 8601. */
  readonly until?: string | undefined;
  /** Why somebody is banned or muted. */
  readonly reason?: string | undefined;
  /** The error behind it. */
  readonly cause?: unknown;
}

/**
 * A refusal of the server, or something that went wrong on this side.
 *
 * ```js
 * import { ChatError } from "@switchboard/switchboard/chat-client";
 *
 * try {
 *   await room.send("Hello!");
 * } catch (error) {
 *   if (error instanceof ChatError && error.code === "muted") {
 *     console.log(`Muted until ${error.until}`);
 *   }
 * }
 * ```
 */
export declare class ChatError extends Error {
  /** A code of the protocol or of {@linkcode CHAT_ERRORS}; it does not change. */
  readonly code: string;
  /** The room that the request was about. */
  readonly room: string | undefined;
  /** The field of `invalid_field`. */
  readonly field: string | undefined;
  /** After how many seconds to try again. */
  readonly retryAfter: number | undefined;
  /** When a ban or mute ends; ISO 8601. */
  readonly until: string | undefined;
  /** Why somebody is banned or muted. */
  readonly reason: string | undefined;

  /** Makes one of a code; `message` is one sentence for people. */
  constructor(code: string, message: string, data?: ChatErrorData);
  /** The error that a refusal of the server tells. */
  static of(answer: ErrorAnswer): ChatError;
  /** The error of a code of this side. */
  static local(code: ChatErrorCode, data?: ChatErrorData): ChatError;
}
