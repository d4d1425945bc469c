// @ts-check
/// <reference lib="dom" />

import { hashOfRoom } from "./address.js";
import { remember } from "./storage.js";

/** @import { State } from "./state.js" */

/**
 * Remembers for the next visit, and keeps the address a link to the room.
 *
 * @param {State} state
 * @param {State} [previous]
 */
export function keepVisit({ name, account, rooms, active }, previous) {
  if (
    name !== previous?.name || rooms.length !== previous.rooms.length ||
    active !== previous.active || previous.stage === "entry" ||
    account !== previous.account || previous.me === undefined
  ) {
    const names = rooms.map((room) => room.name);
    remember({ name, account, rooms: names, active });
  }
  const hash = active === undefined ? "" : hashOfRoom(active);
  if (location.hash === hash) return;
  // Replaced, not pushed: "back" leaves the chat instead of wandering in it.
  history.replaceState(null, "", hash === "" ? location.pathname : hash);
}
