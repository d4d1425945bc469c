// @ts-check

/**
 * Arranges a room's lines as they are shown: days apart, one person's lines
 * together.
 * @module
 */

import { startOfDay } from "./time.js";
import { utteranceOf } from "./utterance.js";

/** @import { Notice, Room } from "./room.js" */
/** @import { Utterance } from "./utterance.js" */

/**
 * `starts` and `ends` say whether a person's group of lines begins or ends
 * with this one.
 * @typedef {{ kind: "message", key: string, line: Utterance, starts: boolean, ends: boolean }
 *   | { kind: "notice", key: string, line: Notice }
 *   | { kind: "day", key: string, time: number }
 *   | { kind: "new", key: string }} Item
 */

/** Lines further apart than this, in milliseconds, are not one group. */
export const GROUP_TIME = 5 * 60_000;

/**
 * @param {Pick<Room, "messages" | "outgoing" | "notices" | "newFrom" | "place">} room
 * @param {string} me the reader's id
 * @returns {Item[]} with keys that are unique and stay as lines come and go
 */
export function logItems(room, me) {
  /** @type {Item[]} */
  const items = [];
  let day = NaN;
  let hasNew = false;
  for (const line of linesOf(room, me)) {
    const lineDay = startOfDay(line.time);
    if (lineDay !== day) {
      items.push({
        kind: "day",
        // The clock of a server that was set back shows a day twice.
        key: `day-${lineDay}-${line.key}`,
        time: line.time,
      });
      day = lineDay;
    }
    if ("event" in line) {
      items.push({ kind: "notice", key: line.key, line });
      continue;
    }
    const { newFrom = Infinity } = room;
    if (!hasNew && !line.own && (line.offset ?? 0) >= newFrom) {
      items.push({ kind: "new", key: "new" });
      hasNew = true;
    }
    const last = items.at(-1);
    const continues = last?.kind === "message" && isOneGroup(last.line, line);
    if (continues) last.ends = false;
    items.push({
      kind: "message",
      key: line.key,
      line,
      starts: !continues,
      ends: true,
    });
  }
  return items;
}

/**
 * @param {Pick<Room, "messages" | "outgoing" | "notices" | "place">} room
 * @param {string} me
 * @returns {(Utterance | Notice)[]}
 */
function linesOf({ messages, outgoing, notices, place }, me) {
  if (place !== undefined) {
    return place.messages.map((message) => utteranceOf(message, me));
  }
  const first = messages[0]?.offset ?? 1;
  /** @type {(Utterance | Notice)[]} */
  const lines = [];
  let next = notices.findIndex(({ after }) => after >= first - 1);
  if (next < 0) next = notices.length;
  const addNotices = (/** @type {number} */ before) => {
    for (; next < notices.length; next++) {
      const notice = /** @type {Notice} */ (notices[next]);
      if (notice.after >= before) return;
      lines.push(notice);
    }
  };
  for (const message of messages) {
    addNotices(message.offset);
    lines.push(utteranceOf(message, me));
  }
  addNotices(Infinity);
  return [...lines, ...outgoing];
}

/**
 * @param {Utterance} line
 * @param {Utterance} next
 * @returns {boolean}
 */
function isOneGroup(line, next) {
  return line.from.id === next.from.id && line.from.name === next.from.name &&
    next.time - line.time < GROUP_TIME;
}
