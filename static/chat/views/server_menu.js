// @ts-check

import { openTokens } from "./api_tokens.js";
import { openAudit, openBans } from "./moderation_lists.js";

/** @import { ChatClient } from "../../chat-client/types.d.ts" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @param {ChatClient} client
 * @returns {MenuItem[]} what the server's owner can do with it
 */
export function serverItems(client) {
  return [
    { label: "Bans…", icon: "ban", act: () => openBans(client) },
    {
      label: "What moderators did…",
      icon: "people",
      act: () => openAudit(client),
    },
    {
      label: "Tokens of the API…",
      icon: "link",
      act: () => openTokens(client),
    },
  ];
}
