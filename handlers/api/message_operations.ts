import { ChatRefusal, history, search, send } from "../chat/mod.ts";
import { MORE_LIMITS } from "../chat/limits.ts";
import { mustNotBeTooFast } from "../chat/operations/rates.ts";
import { readerStanding } from "../chat/permissions.ts";
import { type Fields, readOffset, readRoom } from "../chat/requests/fields.ts";
import { HISTORY_REQUESTS } from "../chat/requests/history.ts";
import { MESSAGE_REQUESTS } from "../chat/requests/messages.ts";
import { type Answer, answer } from "./answer.ts";
import type { Call, Operation } from "./operation.ts";
import {
  IDEMPOTENCY_KEY,
  limitParameter,
  offsetParameter,
} from "./parameters.ts";

const SAID: Operation["answers"] = {
  200: {
    description: "The message, as it had been said before.",
    body: "Message",
    location: true,
  },
  201: { description: "The message.", body: "Message", location: true },
};

/** Messages, said and read. */
export const MESSAGE_OPERATIONS: readonly Operation[] = [
  {
    id: "listMessages",
    method: "GET",
    path: "/rooms/{room}/messages",
    summary: "Gives a page of messages: the newest ones, if no place is named.",
    scope: "messages:read",
    query: {
      before: offsetParameter("The page ends before this message."),
      after: offsetParameter("The page begins after this message."),
      around: offsetParameter("The page has this message in its middle."),
      limit: limitParameter(),
    },
    answers: { 200: { description: "The page.", body: "MessagePage" } },
    async handle({ chat, caller, fields }) {
      const place = HISTORY_REQUESTS.history.parse(fields, undefined);
      const page = await history(chat, caller.actor, place);
      return answer(200, { room: place.room, ...page });
    },
  },
  {
    id: "getMessage",
    method: "GET",
    path: "/rooms/{room}/messages/{offset}",
    summary: "Gives one message.",
    scope: "messages:read",
    answers: { 200: { description: "The message.", body: "Message" } },
    async handle({ chat, caller, fields }) {
      const room = readRoom(fields);
      const offset = readOffset(fields);
      await readerStanding(chat, caller.actor, room);
      mustNotBeTooFast(chat, caller.actor, "pages");
      const message = await chat.store.messages.get(room, offset);
      if (message === undefined) throw new ChatRefusal("message_unknown");
      return answer(200, message);
    },
  },
  {
    id: "postMessage",
    method: "POST",
    path: "/rooms/{room}/messages",
    summary: "Says something in a room.",
    scope: "messages:write",
    headers: { "Idempotency-Key": IDEMPOTENCY_KEY },
    body: "NewMessage",
    answers: SAID,
    handle: (call) => say(call, call.fields),
  },
  {
    id: "callHook",
    method: "POST",
    path: "/hooks/{room}",
    summary:
      "Says something in a room: for programs that tell others what happens.",
    scope: "messages:write",
    headers: { "Idempotency-Key": IDEMPOTENCY_KEY },
    body: "HookMessage",
    answers: SAID,
    handle(call) {
      const { room, text, content } = call.fields;
      return say(call, { room, text: text ?? content });
    },
  },
  {
    id: "searchMessages",
    method: "GET",
    path: "/search",
    summary:
      "Finds messages that have all words, or words that begin with the last one.",
    scope: "messages:read",
    forRoomTokens: true,
    query: {
      query: {
        description: `1 to ${MORE_LIMITS.words} words.`,
        schema: { type: "string", maxLength: MORE_LIMITS.query },
        required: true,
      },
      room: {
        description: "The only room to be searched.",
        schema: { type: "string" },
      },
      before: {
        description: "The `next` of the page before.",
        schema: { type: "integer", minimum: 1 },
      },
      limit: limitParameter(),
    },
    answers: {
      200: { description: "What was found.", body: "FoundMessages" },
    },
    async handle({ chat, caller, fields }) {
      const query = HISTORY_REQUESTS.search.parse(fields, undefined);
      const { messages, next } = await search(chat, caller.actor, query);
      return answer(200, { messages, more: next !== undefined, next });
    },
  },
];

async function say(
  { chat, caller, request }: Call,
  { text = "", ...fields }: Fields,
): Promise<Answer> {
  const id = idempotencyKey(request) ?? chat.newId();
  const wanted = MESSAGE_REQUESTS.send.parse(
    { ...fields, id, text },
    undefined,
  );
  const { message, repeated } = await send(chat, caller.actor, wanted);
  const room = encodeURIComponent(message.room);
  return answer(repeated ? 200 : 201, message, {
    location: `/api/v1/rooms/${room}/messages/${message.offset}`,
  });
}

/** As it is, or as a string of RFC 9651 §3.3.3, which has quotation marks. */
function idempotencyKey({ headers }: Request): string | undefined {
  const field = headers.get("idempotency-key");
  return field?.replace(/^"(.*)"$/, "$1");
}
