// @ts-check
/// <reference lib="dom" />

/**
 * What moderators can do with people, messages and rooms, as dialogs.
 * @module
 */

import { h } from "../../dom.js";
import { formatMoment } from "../time.js";
import { openForm } from "./form_dialog.js";
import { openList } from "./list_dialog.js";

/** @import { AuditEntry, Ban, Member, RoomRole } from "../../chat-client/wire.d.ts" */
/** @import { ChatClient, ChatRoom } from "../../chat-client/types.d.ts" */
/** @import { State } from "../state.js" */
/** @import { Room } from "../room.js" */
/** @import { MenuItem } from "./menu.js" */

const RANKS = { member: 0, moderator: 1, owner: 2 };

/** More than anybody has by a role in a room. */
const SERVER_OWNER = 3;

const TERMS = /** @type {const} */ ([
  ["600", "10 minutes"],
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "1 week"],
]);

const REASON = { name: "reason", label: "Why (shown to the person)" };

/**
 * @param {State} state
 * @param {Room} room
 * @returns {number} what one may do there, 0 for plain members
 */
export function rankOf({ owner }, { role }) {
  return owner ? SERVER_OWNER : RANKS[role];
}

/**
 * @param {Member} member
 * @param {{ room: Room, state: State, live: () => ChatRoom }} options
 * @returns {MenuItem[]} what one may do with the person in the room
 */
export function moderationItems(member, { room, state, live }) {
  const rank = rankOf(state, room);
  const isBelow = rank > RANKS[member.role ?? "member"];
  if (rank === 0 || !isBelow || room.kind === "direct") return [];
  const { id, name } = member;
  return [
    ...rank >= RANKS.owner ? roleItems(member, live) : [],
    {
      label: "Mute…",
      icon: "mute",
      act: () =>
        openForm({
          title: `Mute ${name}`,
          lead: "The person can read, but not write.",
          fields: [
            {
              name: "lasts",
              label: "For how long",
              kind: "select",
              options: [...TERMS, ["0", "No longer"]],
            },
            REASON,
          ],
          submit: "Mute",
          act: ({ lasts, reason }) =>
            live().mute(id, { lasts: Number(lasts), ...reasonOf(reason) }),
        }),
    },
    {
      label: "Send out…",
      icon: "leave",
      act: () =>
        openForm({
          title: `Send ${name} out of the room`,
          lead: "The person may come back.",
          fields: [REASON],
          submit: "Send out",
          danger: true,
          act: ({ reason }) => live().kick(id, reasonOf(reason)),
        }),
    },
    {
      label: "Ban…",
      icon: "ban",
      danger: true,
      act: () =>
        openForm({
          title: `Ban ${name} from the room`,
          lead: "The person leaves and cannot come back.",
          fields: [
            {
              name: "lasts",
              label: "For how long",
              kind: "select",
              value: "86400",
              options: [...TERMS, ["", "For ever"]],
            },
            REASON,
          ],
          submit: "Ban",
          danger: true,
          act: ({ lasts, reason }) =>
            live().ban(id, {
              ...lasts === "" ? {} : { lasts: Number(lasts) },
              ...reasonOf(reason),
            }),
        }),
    },
  ];
}

/**
 * @param {Member} member
 * @param {{ state: State, client: ChatClient }} options
 * @returns {MenuItem[]} what the server's owner may do with the person
 */
export function serverBanItems({ id, name }, { state, client }) {
  if (!state.owner) return [];
  return [{
    label: "Ban from the server…",
    icon: "ban",
    danger: true,
    act: () =>
      openForm({
        title: `Ban ${name} from the server`,
        lead: "The person leaves all rooms and cannot come back.",
        fields: [
          {
            name: "lasts",
            label: "For how long",
            kind: "select",
            value: "86400",
            options: [...TERMS, ["", "For ever"]],
          },
          {
            name: "addresses",
            label: "Whom",
            kind: "select",
            options: [
              ["", "The person"],
              ["yes", "The person, and who comes from the same addresses"],
            ],
          },
          REASON,
        ],
        submit: "Ban",
        danger: true,
        act: async ({ lasts, addresses, reason }) => {
          await client.request("ban", {
            person: id,
            ...lasts === "" ? {} : { lasts: Number(lasts) },
            ...addresses === "yes" ? { addresses: true } : {},
            ...reasonOf(reason),
          });
        },
      }),
  }];
}

/** @param {() => ChatRoom} live */
export function openSlowMode(live) {
  openForm({
    title: "Slow mode",
    lead: "So long has to lie between two messages of a member.",
    fields: [{
      name: "seconds",
      label: "How long",
      kind: "select",
      value: String(live().slow),
      options: [
        ["0", "Off"],
        ["5", "5 seconds"],
        ["10", "10 seconds"],
        ["30", "30 seconds"],
        ["60", "1 minute"],
        ["300", "5 minutes"],
      ],
    }],
    submit: "Change",
    act: ({ seconds }) => live().setSlow(Number(seconds)),
  });
}

/** @param {() => ChatRoom} live */
export function openBans(live) {
  openList({
    title: `Banned from ${live().name}`,
    empty: "Nobody is banned.",
    load: async (/** @type {Ban | undefined} */ last) => {
      const { bans, more } = await live().bans(
        last === undefined ? {} : { after: last.person.id },
      );
      return { items: bans, more };
    },
    row: ({ person, until, reason }, { remove }) => {
      const end = h("button", {
        type: "button",
        class: "button button-small",
      }, "End the ban");
      end.addEventListener(
        "click",
        () => live().unban(person.id).then(remove, () => {}),
      );
      const term = until === undefined
        ? "for ever"
        : `until ${formatMoment(Date.parse(until), Date.now())}`;
      return [
        h(
          "span",
          { class: "row-main" },
          h("bdi", {}, person.name),
          h("span", { class: "hint" }, reason ? `${term}: ${reason}` : term),
        ),
        end,
      ];
    },
  });
}

/** @param {() => ChatRoom} live */
export function openAudit(live) {
  openList({
    title: `What moderators did in ${live().name}`,
    empty: "Nothing yet.",
    load: async (
      /** @type {AuditEntry | undefined} */ last,
    ) => {
      const { entries, more } = await live().audit(
        last === undefined ? {} : { before: last.n },
      );
      return { items: entries, more };
    },
    row: ({ action, by, person, detail, time }) => [
      h(
        "span",
        { class: "row-main" },
        h(
          "span",
          {},
          h("bdi", {}, by.name),
          `: ${action.replaceAll("_", " ")}`,
        ),
        h(
          "span",
          { class: "hint" },
          ...person === undefined ? [] : [h("bdi", {}, person.name), " "],
          `${detail} `,
          formatMoment(Date.parse(time), Date.now()),
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
 * @param {Member} member
 * @param {() => ChatRoom} live
 * @returns {MenuItem[]}
 */
function roleItems({ id, name, role }, live) {
  const change = (/** @type {RoomRole} */ to, /** @type {string} */ lead) =>
    openForm({
      title: name,
      lead,
      submit: "Change",
      act: () => live().setRole(id, to),
    });
  return role === "moderator"
    ? [{
      label: "No longer a moderator…",
      icon: "people",
      act: () => change("member", "The person will be a plain member."),
    }]
    : [{
      label: "Make a moderator…",
      icon: "people",
      act: () =>
        change(
          "moderator",
          "Moderators mute, send out and ban people, and delete messages.",
        ),
    }];
}

/** @param {string | undefined} reason */
function reasonOf(reason) {
  const trimmed = reason?.trim() ?? "";
  return trimmed === "" ? {} : { reason: trimmed };
}
