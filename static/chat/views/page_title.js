// @ts-check
/// <reference lib="dom" />

import { byId } from "../../dom.js";
import { titleOf } from "../room.js";
import { countUnread, findRoom } from "../state.js";

/** @import { State } from "../state.js" */

/**
 * Shows in the browser's tab where one is, and how much is new.
 *
 * @param {State} state
 */
export function renderTitle(state) {
  const unread = countUnread(state);
  const room = findRoom(state, state.active);
  const place = state.stage === "chat" && room !== undefined
    ? `${titleOf(room)} · `
    : "";
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${place}Switchboard`;
  const favicon = byId("favicon", HTMLLinkElement);
  const href = unread > 0 ? "icon-unread.svg" : "icon.svg";
  if (favicon.getAttribute("href") !== href) favicon.href = href;
}
