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
