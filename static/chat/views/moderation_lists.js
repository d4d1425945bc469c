// @ts-check
/// <reference lib="dom" />

/**
 * What moderators look at: who is banned, what was done, what a message was.
 * @module
 */

import { h } from "../../dom.js";
import { plural } from "../text.js";
import { formatMoment } from "../time.js";
import { formatDuration } from "../words.js";
import { openList } from "./list_dialog.js";

/** @import { AuditEntry, Ban } from "../../chat-client/wire.d.ts" */
/** @import { ChatClient, ChatRoom } from "../../chat-client/types.d.ts" */

/**
 * What was done, by the name that the protocol has for it; whom or what it was
 * done to may follow.
 * @type {Readonly<Record<string, string>>}
 */
const DEEDS = {
  ban: "banned",
  create_token: "made a token of the API for",
  delete: "deleted a message of",
  delete_room: "deleted the room",
  drop_invite: "ended an invitation by",
  drop_token: "revoked a token of the API of",
  invite: "made an invitation",
  kick: "sent out",
  mute: "muted",
  reset_room: "emptied the room",
  role: "changed the role of",
  slow: "changed slow mode",
  topic: "changed the topic",
  unban: "ended the ban of",
};

/** Deeds that last for some time. */
const LASTING = new Set(["ban", "invite", "mute"]);

/**
 * @param {ChatClient} client
 * @param {string} [room] the whole server without it
 */
export function openBans(client, room) {
  const place = room === undefined ? {} : { room };
  openList({
    title: ["Banned from ", placeOf(room)],
    empty: "Nobody is banned.",
    load: async (/** @type {Ban | undefined} */ last) => {
      const { bans, more } = await client.request("bans", {
        ...place,
        ...last === undefined ? {} : { after: last.person.id },
      });
      return { items: bans, more };
    },
    row: ({ person, by, until, reason, time }, { end }) => {
      const now = Date.now();
      const term = until === undefined
        ? "for ever"
        : `until ${formatMoment(Date.parse(until), now)}`;
      return [
        h(
          "span",
          { class: "row-main" },
          h("bdi", {}, person.name),
          h("span", { class: "hint" }, term, ...reasonWords(reason)),
          h(
            "span",
            { class: "hint" },
            "by ",
            h("bdi", {}, by.name),
            `, ${formatMoment(Date.parse(time), now)}`,
          ),
        ),
        end(
          "End the ban",
          () => client.request("unban", { ...place, person: person.id }),
        ),
      ];
    },
  });
}

/**
 * @param {ChatClient} client
 * @param {string} [room] the whole server without it
 */
export function openAudit(client, room) {
  const place = room === undefined ? {} : { room };
  openList({
    title: [
      `What moderators did ${room === undefined ? "on" : "in"} `,
      placeOf(room),
    ],
    empty: "Nothing yet.",
    load: async (/** @type {AuditEntry | undefined} */ last) => {
      const { entries, more } = await client.request("audit", {
        ...place,
        ...last === undefined ? {} : { before: last.n },
      });
      return { items: entries, more };
    },
    row: (entry) => [
      h(
        "span",
        { class: "row-main" },
        deedOf(entry, { isHere: room !== undefined }),
        h(
          "span",
          { class: "hint" },
          ...detailWords(entry),
          formatMoment(Date.parse(entry.time), Date.now()),
        ),
      ),
    ],
  });
}

/**
 * @param {() => ChatRoom} live
 * @param {number} offset
 */
export function openVersions(live, offset) {
  openList({
    title: "What the message was",
    empty: "It was never another one.",
    load: async () => ({ items: await live().versions(offset), more: false }),
    row: ({ text, time, by }) => [
      h(
        "span",
        { class: "row-main" },
        h("span", { class: "row-text", dir: "auto" }, text || "(no text)"),
        h(
          "span",
          { class: "hint" },
          h("bdi", {}, by.name),
          `, ${formatMoment(Date.parse(time), Date.now())}`,
        ),
      ),
    ],
  });
}

/**
 * @param {string | undefined} room the whole server without it
 * @returns {Node | string}
 */
function placeOf(room) {
  return room === undefined ? "the server" : h("bdi", {}, room);
}

/** @param {string} [reason] */
function reasonWords(reason) {
  return reason ? [": ", h("bdi", {}, reason)] : [];
}

/**
 * @param {AuditEntry} entry
 * @returns {(Node | string)[]} what the server has noted, with times as people
 * say them; a comma at the end, if it is anything
 */
function detailWords({ action, detail }) {
  if (detail === "") return [];
  if (action === "slow") {
    const seconds = Number.parseInt(detail);
    return [seconds > 0 ? `to ${formatDuration(seconds)}, ` : "to off, "];
  }
  if (action === "role") return [`to ${detail}, `];
  const invitation = /^until (\S+), (\d+) uses$/.exec(detail);
  if (action === "drop_invite" && invitation !== null) {
    const [, until = "", uses] = invitation;
    return [
      `until ${formatMoment(Date.parse(until), Date.now())}, for `,
      `${plural(Number(uses), "person", "people")}, `,
    ];
  }
  const lasting = /^for (?:ever|(\d+) s)(?:, (\d+) uses)?(?:: (.*))?/
    .exec(detail);
  if (lasting === null || !LASTING.has(action)) {
    return [h("bdi", {}, detail), ", "];
  }
  const [whole, seconds, uses, reason] = lasting;
  const rest = detail.slice(whole.length);
  return [
    seconds === undefined
      ? "for ever"
      : `for ${formatDuration(Number(seconds))}`,
    ...uses === undefined
      ? []
      : [`, for ${plural(Number(uses), "person", "people")}`],
    ...reasonWords(reason),
    ...rest === "" ? [] : [h("bdi", {}, rest)],
    ", ",
  ];
}

/**
 * @param {AuditEntry} entry
 * @param {{ isHere: boolean }} options `isHere`: which room is known
 * @returns {HTMLElement} e.g. `Ana banned Cy in kitchen`
 */
function deedOf({ action, by, person, room }, { isHere }) {
  const deed = DEEDS[action] ?? action.replaceAll("_", " ");
  return h(
    "span",
    {},
    h("bdi", {}, by.name),
    ` ${deed}`,
    ...person === undefined ? [] : [" ", h("bdi", {}, person.name)],
    ...isHere || room === undefined ? [] : [" in ", h("bdi", {}, room)],
  );
}
