import type { ChatRequestType } from "../client_messages.ts";
import { API_TOKEN_REQUESTS } from "./api_tokens.ts";
import { DIRECT_REQUESTS } from "./direct.ts";
import { HISTORY_REQUESTS } from "./history.ts";
import { IDENTITY_REQUESTS } from "./identity.ts";
import { INVITE_REQUESTS } from "./invites.ts";
import type { RequestKinds } from "./kind.ts";
import { MESSAGE_REQUESTS } from "./messages.ts";
import { MODERATION_REQUESTS } from "./moderation.ts";
import { ROOM_REQUESTS } from "./rooms.ts";

/** Every kind of request, by its `type`. */
export const REQUESTS: RequestKinds<ChatRequestType> = {
  ...IDENTITY_REQUESTS,
  ...ROOM_REQUESTS,
  ...DIRECT_REQUESTS,
  ...INVITE_REQUESTS,
  ...MESSAGE_REQUESTS,
  ...HISTORY_REQUESTS,
  ...MODERATION_REQUESTS,
  ...API_TOKEN_REQUESTS,
};
