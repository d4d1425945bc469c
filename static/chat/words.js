// @ts-check

/**
 * What went wrong, in plain words.
 * @module
 */

import { ChatError } from "../chat-client/mod.js";
import { isolate, plural } from "./text.js";
import { formatMoment } from "./time.js";

/**
 * Words for refusals where this page can say more than the server does.
 * @type {Readonly<Record<string, string>>}
 */
const WORDS = {
  account_required: "Guests are not taken here. Log in, or register.",
  attachment_unknown:
    "The server does not have the file any more. Add it again.",
  body_too_large: "The file is too large.",
  busy: "The server could not store this just now. Try again.",
  disconnected: "The connection was lost. Try again.",
  file_too_large: "The file is too large.",
  invite_required: "This room is private. Ask a member for an invitation.",
  invalid_token: "Your sign-in has ended. Sign in again.",
  left: "You are not in this room any more.",
  message_unknown: "This message is not there any more.",
  muted: "You are muted here.",
  name_taken: "This name is in use. Choose another one.",
  no_space: "The server has no space for the file.",
  not_allowed: "You may not do this here.",
  not_offered: "This server does not offer that.",
  offline: "There is no connection to the server.",
  person_unknown: "This person is not here any more.",
  registration_closed: "Nobody can register here without the owner's code.",
  room_exists: "There is a room of this name already. Join it.",
  slow_mode: "This room is in slow mode.",
  too_fast: "That was too much in too short a time.",
  too_large: "This is too long.",
  unknown_invite:
    "This invitation is wrong, used up or too old. Ask for another.",
  unknown_session: "Your session has ended. Come in again.",
  upload_failed: "The file did not get through.",
  wrong_password: "The name or the password is wrong.",
};

/** Which field of the first screen a refusal belongs to, by its code. */
const FIELDS = new Map(
  /** @type {[string, "name" | "password" | "code" | "room"][]} */ ([
    ["invalid_name", "name"],
    ["name_taken", "name"],
    ["invalid_password", "password"],
    ["wrong_password", "password"],
    ["wrong_code", "code"],
    ["invalid_room", "room"],
    ["room_unknown", "room"],
    ["invite_required", "room"],
    ["unknown_invite", "room"],
    ["too_many_rooms", "room"],
  ]),
);

/**
 * @param {unknown} error
 * @param {number} [now] milliseconds since 1970
 * @returns {string} one or two sentences
 */
export function wordsOf(error, now = Date.now()) {
  if (!(error instanceof ChatError)) return "Something went wrong. Try again.";
  const { code, message, retryAfter, reason } = error;
  const words = code === "banned" ? bannedWords(error) : WORDS[code] ?? message;
  const until = error.until === undefined || code === "banned"
    ? ""
    : ` It ends ${formatMoment(Date.parse(error.until), now)}.`;
  const after = retryAfter === undefined
    ? ""
    : ` Try again in ${formatDuration(retryAfter)}.`;
  return `${words}${until}${after}${why(reason)}`;
}

/**
 * @param {unknown} error
 * @returns {"entry" | "name" | "password" | "code" | "room"} where the first
 * screen shows it
 */
export function fieldOf(error) {
  const code = error instanceof ChatError ? error.code : "";
  return FIELDS.get(code) ?? "entry";
}

/**
 * @param {number} seconds
 * @returns {string} e.g. `8 seconds`
 */
export function formatDuration(seconds) {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 100) return plural(whole, "second", "seconds");
  const minutes = Math.round(whole / 60);
  if (minutes < 100) return plural(minutes, "minute", "minutes");
  const hours = Math.round(minutes / 60);
  if (hours < 48) return plural(hours, "hour", "hours");
  return plural(Math.round(hours / 24), "day", "days");
}

/**
 * @param {number} bytes
 * @returns {string} e.g. `80 KB`
 */
export function formatSize(bytes) {
  const kilobytes = bytes / 1000;
  if (kilobytes < 1) return plural(bytes, "byte", "bytes");
  return kilobytes < 1000
    ? `${Math.round(kilobytes)} KB`
    : `${(kilobytes / 1000).toFixed(1)} MB`;
}

/**
 * @param {import("../chat-client/wire.d.ts").Moderated} moderated
 * @param {number} [now] milliseconds since 1970
 * @returns {string} what a moderator has done to the reader
 */
export function moderatedWords(
  { action, room, until, reason },
  now = Date.now(),
) {
  const place = room === undefined ? "this server" : `“${isolate(room)}”`;
  const end = until === undefined ? undefined : Date.parse(until);
  const term = end === undefined ? "" : ` until ${formatMoment(end, now)}`;
  switch (action) {
    case "kick":
      return `You were sent out of ${place}. You may come back.${why(reason)}`;
    case "ban":
      return `You are banned from ${place}${term}.${why(reason)}`;
    case "mute":
      return end !== undefined && end <= now
        ? `You may speak in ${place} again.`
        : `You are muted in ${place}${term}: you can read, but not write.${
          why(reason)
        }`;
    default:
      return `A moderator of ${place} has changed what you may do.${
        why(reason)
      }`;
  }
}

/** @param {string | undefined} reason */
function why(reason) {
  return reason ? ` The reason: ${isolate(reason)}` : "";
}

/** @param {ChatError} error */
function bannedWords({ until }) {
  return until === undefined
    ? "You are banned."
    : `You are banned until ${formatMoment(Date.parse(until), Date.now())}.`;
}
