// @ts-check

/**
 * What the page remembers: in `localStorage` the name and rooms, for the next
 * visit; in `sessionStorage` what belongs to this tab alone.
 * @module
 */

const NAME = "switchboard.name";
const ROOMS = "switchboard.rooms";
const ACTIVE = "switchboard.active";
const ACCOUNT = "switchboard.account";
const DRAFTS = "switchboard.drafts";

/** What the keys of the chat's client begin with. */
export const CLIENT_KEY = "switchboard";

/** The key of a token of another site; see `token_login.js`. */
export const TOKEN = "switchboard.token";

/**
 * @typedef {object} Remembered
 * @property {string} name
 * @property {boolean} account whether the name is that of an account
 * @property {string[]} rooms
 * @property {string | undefined} active
 */

/**
 * @returns {Remembered}
 */
export function remembered() {
  return {
    name: read(() => localStorage, NAME) ?? "",
    account: read(() => localStorage, ACCOUNT) !== undefined,
    rooms: stringsOf(read(() => localStorage, ROOMS)),
    active: read(() => localStorage, ACTIVE),
  };
}

/**
 * @param {Remembered} wishes
 */
export function remember({ name, account, rooms, active }) {
  write(() => localStorage, NAME, name);
  write(() => localStorage, ACCOUNT, account ? "true" : "");
  write(() => localStorage, ROOMS, JSON.stringify(rooms));
  write(() => localStorage, ACTIVE, active ?? "");
}

/**
 * What the chat's client remembers: who one is, for all tabs of this browser,
 * and what is not sent yet, for this tab alone.
 *
 * @type {import("../chat-client/types.d.ts").ChatStorage}
 */
export const clientStorage = {
  getItem: (key) => storageOf(key).getItem(key),
  setItem: (key, value) => storageOf(key).setItem(key, value),
  removeItem: (key) => storageOf(key).removeItem(key),
};

/**
 * @param {string} key
 * @returns {string | undefined} what this tab keeps
 */
export function kept(key) {
  return read(() => sessionStorage, key);
}

/**
 * @param {string} key
 * @param {string} value
 */
export function keep(key, value) {
  write(() => sessionStorage, key, value);
}

/** @param {string} key */
export function forget(key) {
  remove(() => sessionStorage, key);
}

/** Forgets who came in without a token: a secret that is kept comes first. */
export function forgetSecret() {
  remove(() => localStorage, `${CLIENT_KEY} secret`);
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
 * @param {string} key
 * @returns {Storage}
 */
function storageOf(key) {
  return key.endsWith(" secret") ? localStorage : sessionStorage;
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

/**
 * @param {() => Storage} storage
 * @param {string} name
 */
function remove(storage, name) {
  try {
    storage().removeItem(name);
  } catch {
    // Forbidden: see read().
  }
}
