// @ts-check

/**
 * What somebody said, as the talk shows it: a message of the room, or one of
 * one's own that is not stored yet.
 * @module
 */

/** @import { AttachmentInfo, ChatMessage, Person, Reaction } from "../chat-client/wire.d.ts" */
/** @import { OutgoingMessage } from "../chat-client/types.d.ts" */

/**
 * One's own line is `pending` until the server has it, and `failed` when it
 * does not take it.
 * @typedef {object} Utterance
 * @property {string} key unique in its room; of an own line the same before and
 * after it is stored
 * @property {string} id
 * @property {number | undefined} offset its number, once it is stored
 * @property {Person} from
 * @property {boolean} own
 * @property {string} text
 * @property {number} time
 * @property {"pending" | "sent" | "failed"} status
 * @property {OutgoingMessage["error"]} [error] why it failed
 * @property {number | undefined} replyTo
 * @property {readonly string[]} mentions ids of people
 * @property {boolean} forMe it mentions the reader
 * @property {readonly (Pick<AttachmentInfo, "hash" | "name"> & Partial<AttachmentInfo>)[]} attachments
 * @property {readonly Reaction[]} reactions
 * @property {boolean} edited
 * @property {boolean} deleted
 */

/** @type {WeakMap<ChatMessage, { me: string, utterance: Utterance }>} */
const known = new WeakMap();

/**
 * The same object for the same message, so that a view sees what has changed.
 *
 * @param {ChatMessage} message
 * @param {string} me the reader's id
 * @returns {Utterance}
 */
export function utteranceOf(message, me) {
  const before = known.get(message);
  if (before?.me === me) return before.utterance;
  const own = message.from.id === me;
  const mentions = message.mentions ?? [];
  /** @type {Utterance} */
  const utterance = {
    key: own ? ownKey(message.id) : `message-${message.offset}`,
    id: message.id,
    offset: message.offset,
    from: message.from,
    own,
    text: message.text,
    time: Date.parse(message.time),
    status: "sent",
    replyTo: message.reply_to,
    mentions,
    forMe: !own && mentions.includes(me),
    attachments: message.attachments ?? [],
    reactions: message.reactions ?? [],
    edited: message.edited !== undefined,
    deleted: message.deleted ?? false,
  };
  known.set(message, { me, utterance });
  return utterance;
}

/**
 * @param {OutgoingMessage} message
 * @param {{ from: Person, time: number }} options when it was first seen
 * @returns {Utterance}
 */
export function outgoingUtterance(message, { from, time }) {
  return {
    key: ownKey(message.id),
    id: message.id,
    offset: undefined,
    from,
    own: true,
    text: message.text,
    time,
    status: message.state === "failed" ? "failed" : "pending",
    ...message.error === undefined ? {} : { error: message.error },
    replyTo: message.replyTo,
    mentions: message.mentions ?? [],
    forMe: false,
    attachments: message.attachments ?? [],
    reactions: [],
    edited: false,
    deleted: false,
  };
}

/**
 * @param {string} id chosen by this person's devices
 * @returns {string}
 */
function ownKey(id) {
  return `own-${id}`;
}
