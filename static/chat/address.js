// @ts-check

/**
 * A room's place in the page's address: what people send each other.
 * @module
 */

import { normalizeLabel } from "./text.js";

/**
 * @param {string} hash a URL's fragment, with or without its `#`
 * @returns {string | undefined} the room it names, if it names one
 */
export function roomOfHash(hash) {
  const encoded = hash.replace(/^#/, "");
  let room;
  try {
    room = decodeURIComponent(encoded);
  } catch {
    // A fragment typed by hand may hold a stray "%": take it as it stands.
    room = encoded;
  }
  return normalizeLabel(room) || undefined;
}

/**
 * An invitation to a private room. Its secret is in the fragment, which browsers
 * send to no server.
 *
 * @typedef {{ room: string, invite: string }} Invitation
 */

/**
 * @param {string} hash a URL's fragment, with or without its `#`
 * @returns {Invitation | undefined} the invitation it is, if it is one
 */
export function invitationOfHash(hash) {
  const fragment = hash.replace(/^#/, "");
  // In the name of a room "=" is escaped.
  if (!fragment.startsWith("invite=")) return undefined;
  const fields = new URLSearchParams(fragment);
  const room = normalizeLabel(fields.get("room") ?? "");
  const invite = fields.get("invite") ?? "";
  return room === "" || invite === "" ? undefined : { room, invite };
}

/**
 * @param {Invitation} invitation
 * @param {string} page the page's own address
 * @returns {string} a link that brings its reader into the room
 */
export function linkOfInvitation({ room, invite }, page) {
  const url = new URL(page);
  url.hash = `#${new URLSearchParams({ invite, room })}`;
  url.search = "";
  return url.href;
}

/**
 * @param {string} room
 * @returns {string} the fragment, with its `#`
 */
export function hashOfRoom(room) {
  return `#${encodeURIComponent(room)}`;
}

/**
 * @param {string} room
 * @param {string} page the page's own address
 * @returns {string} a link that opens the room
 */
export function linkOfRoom(room, page) {
  const url = new URL(page);
  url.hash = hashOfRoom(room);
  url.search = "";
  return url.href;
}
