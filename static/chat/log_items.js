// @ts-check

/**
 * Arranges a room's lines as they are shown: days apart, one person's lines
 * together.
 * @module
 */

import { startOfDay } from "./time.js";

/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("./room.js").Utterance} Utterance */
/** @typedef {import("./room.js").Notice} Notice */

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
 * @param {Pick<Room, "lines" | "unsent" | "newFrom">} room
 * @returns {Item[]} with keys that are unique and stay as lines come and go
 */
export function logItems({ lines, unsent, newFrom }) {
  /** @type {Item[]} */
  const items = [];
  let day = NaN;
  for (const line of [...lines, ...unsent]) {
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
    if (line.key === newFrom) items.push({ kind: "new", key: "new" });
    if (line.kind === "notice") {
      items.push({ kind: "notice", key: line.key, line });
      continue;
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
 * @param {Utterance} line
 * @param {Utterance} next
 * @returns {boolean}
 */
function isOneGroup(line, next) {
  return line.own === next.own &&
    // One's own lines stay one's own across reconnects and new ids.
    (line.own || line.from.id === next.from.id) &&
    line.from.name === next.from.name &&
    next.time - line.time < GROUP_TIME;
}
