// @ts-check

/**
 * What the page remembers: in `localStorage` the name and rooms, for the next
 * visit; in `sessionStorage` what belongs to this tab alone.
 * @module
 */

const NAME = "switchboard.name";
const ROOMS = "switchboard.rooms";
const ACTIVE = "switchboard.active";
const KEY = "switchboard.key";
const DRAFTS = "switchboard.drafts";

/** @typedef {{ name: string, rooms: string[], active: string | undefined }} Remembered */

/**
 * @returns {Remembered}
 */
export function remembered() {
  return {
    name: read(() => localStorage, NAME) ?? "",
    rooms: stringsOf(read(() => localStorage, ROOMS)),
    active: read(() => localStorage, ACTIVE),
  };
}

/**
 * @param {Remembered} wishes
 */
export function remember({ name, rooms, active }) {
  write(() => localStorage, NAME, name);
  write(() => localStorage, ROOMS, JSON.stringify(rooms));
  write(() => localStorage, ACTIVE, active ?? "");
}

/**
 * The secret that proves to the server that a new connection is the same tab,
 * so that a reconnecting tab gets its name back. Made on first use.
 *
 * @returns {string} 43 characters, 256 bits of chance
 */
export function tabKey() {
  const known = read(() => sessionStorage, KEY);
  if (known !== undefined && known.length >= 16) return known;
  const key = randomText(32);
  write(() => sessionStorage, KEY, key);
  return key;
}

/**
 * @returns {Map<string, string>} what was being written, by room
 */
export function rememberedDrafts() {
  /** @type {Map<string, string>} */
  const drafts = new Map();
  try {
    const entries = JSON.parse(read(() => sessionStorage, DRAFTS) ?? "[]");
    for (const [room, text] of entries) drafts.set(String(room), String(text));
  } catch {
    drafts.clear();
  }
  return drafts;
}

/**
 * @param {ReadonlyMap<string, string>} drafts
 */
export function rememberDrafts(drafts) {
  write(() => sessionStorage, DRAFTS, JSON.stringify([...drafts]));
}

/**
 * Works without a secure context, where `crypto.randomUUID()` does not exist:
 * friends also chat over plain http on a home network.
 *
 * @param {number} bytes
 * @returns {string} URL-safe Base64 of that many random bytes
 */
export function randomText(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...random))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string | undefined} json
 * @returns {string[]}
 */
function stringsOf(json) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(json ?? "[]");
    return Array.isArray(value)
      ? value.filter((item) => typeof item === "string" && item !== "")
      : [];
  } catch {
    return [];
  }
}

/**
 * A browser that keeps nothing (private mode, blocked cookies) throws even on
 * the name `localStorage`; the chat works without a memory.
 *
 * @param {() => Storage} storage
 * @param {string} name
 * @returns {string | undefined}
 */
function read(storage, name) {
  try {
    return storage().getItem(name) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} name
 * @param {string} value
 */
function write(storage, name, value) {
  try {
    storage().setItem(name, value);
  } catch {
    // Full or forbidden: see read().
  }
}
