import { CHAT_LIMITS } from "./limits.ts";
import type { ErrorMessage } from "./messages.ts";

/**
 * The error codes of the protocol, each with the sentence a person reads. Of
 * several faults of a request the first in this order is told.
 */
export const CHAT_ERRORS = {
  not_text: "A message must be text, not binary.",
  not_json: "A message must be valid JSON.",
  not_object: "A message must be a JSON object.",
  invalid_ref: 'A "ref" must be a string of 1 to 64 characters.',
  unknown_type:
    'A message\'s "type" must be "name", "join", "leave" or "message".',
  invalid_name:
    `A name must have 1 to ${CHAT_LIMITS.name} characters, none of them a control or invisible character.`,
  invalid_key: 'A "key" must be a string of 16 to 128 characters.',
  name_taken: "This name is in use now, perhaps by you in another tab.",
  invalid_room:
    `A room's name must have 1 to ${CHAT_LIMITS.room} characters, none of them a control or invisible character.`,
  invalid_text:
    `A text must have 1 to ${CHAT_LIMITS.text} characters, not only white space, and no control characters but line feed and tab.`,
  name_required: "Choose a name first.",
  too_many_rooms:
    `You are in ${CHAT_LIMITS.rooms} rooms, which is the most; leave one first.`,
  not_in_room: "You are not in this room.",
} as const;

/** One of the codes of {@linkcode CHAT_ERRORS}. */
export type ChatErrorCode = keyof typeof CHAT_ERRORS;

/** Makes the message that refuses a request. */
export function errorMessage(
  code: ChatErrorCode,
  about: { readonly ref?: string | undefined; readonly room?: string } = {},
): ErrorMessage {
  return { type: "error", code, message: CHAT_ERRORS[code], ...about };
}
