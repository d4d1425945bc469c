import { CHAT_LIMITS, MORE_LIMITS } from "./limits.ts";
import type { ErrorDetails, ErrorMessage } from "./server_messages.ts";

/** The error codes of the protocol, each with the sentence a person reads. */
export const CHAT_ERRORS = {
  not_text: "A message must be text, not binary.",
  not_json: "A message must be valid JSON.",
  not_object: "A message must be a JSON object.",
  invalid_ref:
    `A "ref" must be a string of 1 to ${MORE_LIMITS.ref} characters.`,
  unknown_type: "There is no request of this type.",
  invalid_field: "A field has a wrong value.",
  invalid_name:
    `A name must have 1 to ${CHAT_LIMITS.name} characters of one script, none of them a control or invisible character.`,
  invalid_room:
    `A room's name must have 1 to ${CHAT_LIMITS.room} characters, none of them a control or invisible character, and not begin with "@".`,
  invalid_text:
    `A text must have 1 to ${CHAT_LIMITS.text} characters, not only white space, and no control characters but line feed and tab.`,
  invalid_topic:
    `A topic must have at most ${CHAT_LIMITS.topic} characters, and no control characters but line feed and tab.`,
  invalid_password: "A password must have 8 to 256 characters.",
  invalid_query:
    `A query must have 1 to ${MORE_LIMITS.words} words, and at most ${MORE_LIMITS.query} characters.`,
  hello_required: "Say who you are first.",
  already_ready: "This connection has said who it is already.",
  account_required: "Guests are not taken here: log in.",
  not_offered: "This server does not offer that.",
  name_taken: "Somebody else has this name, or one that looks like it.",
  unknown_session: "The session is unknown, has ended or is too old.",
  invalid_token: "The token is not valid, or has expired.",
  wrong_password: "The name or the password is wrong.",
  registration_closed: "Nobody can register here.",
  wrong_code: "The owner's code is wrong, or was used.",
  room_unknown: "There is no such room.",
  room_exists: "There is such a room already.",
  invite_required: "This room is private: you need an invitation.",
  unknown_invite: "The invitation is wrong, used up or too old.",
  not_in_room: "You are not in this room.",
  not_allowed: "Your role does not allow this.",
  banned: "You are banned.",
  muted: "You are muted.",
  slow_mode: "Your last message is too recent.",
  too_fast: "That is too much in too short a time.",
  too_many_rooms:
    `You are in ${CHAT_LIMITS.rooms} rooms, which is the most; leave one first.`,
  too_many_edits:
    `The message was edited ${MORE_LIMITS.edits} times, which is the most.`,
  too_many_reactions:
    `The message has ${MORE_LIMITS.reactions} different reactions, which is the most.`,
  message_unknown: "There is no such message.",
  person_unknown: "There is no such person.",
  attachment_unknown: "There is no such file.",
  busy: "The server could not store this now.",
} as const;

/** One of the codes of {@linkcode CHAT_ERRORS}. */
export type ChatErrorCode = keyof typeof CHAT_ERRORS;

/** Makes the message that refuses a request. */
export function errorMessage(
  code: ChatErrorCode,
  about: ErrorDetails & { readonly ref?: string | undefined } = {},
): ErrorMessage {
  return { type: "error", code, message: CHAT_ERRORS[code], ...about };
}

/**
 * Why a request is refused. Thrown by what carries requests out; a
 * `Session` answers with an error message, the HTTP API with a problem.
 */
export class ChatRefusal extends Error {
  /** Always `ChatRefusal`. */
  override readonly name = "ChatRefusal";
  /** What was wrong, for programs. */
  readonly code: ChatErrorCode;
  /** What else there is to say. */
  readonly details: ErrorDetails;

  /** Refuses with a code of the protocol. */
  constructor(code: ChatErrorCode, details: ErrorDetails = {}) {
    super(CHAT_ERRORS[code]);
    this.code = code;
    this.details = details;
  }
}
