// @ts-check
/// <reference lib="dom" />

/**
 * What moderators can do with people, as items of menus and their dialogs.
 * @module
 */

import { h } from "../../dom.js";
import { openForm } from "./form_dialog.js";

/** @import { Member, RoomRole } from "../../chat-client/wire.d.ts" */
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
          title: ["Mute ", h("bdi", {}, name)],
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
          title: ["Send ", h("bdi", {}, name), " out of the room"],
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
          title: ["Ban ", h("bdi", {}, name), " from the room"],
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
        title: ["Ban ", h("bdi", {}, name), " from the server"],
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
    lead: "How long a member waits from one message to the next.",
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

/**
 * @param {Member} member
 * @param {() => ChatRoom} live
 * @returns {MenuItem[]}
 */
function roleItems({ id, name, role }, live) {
  const item = (
    /** @type {RoomRole} */ to,
    /** @type {string} */ label,
    /** @type {{ title: readonly [string, string], lead: string, submit: string }} */ {
      title: [before, after],
      lead,
      submit,
    },
  ) => ({
    label,
    icon: "people",
    act: () =>
      openForm({
        title: [before, h("bdi", {}, name), after],
        lead,
        submit,
        act: () => live().setRole(id, to),
      }),
  });
  return [
    role === "moderator"
      ? item(
        "member",
        "No longer a moderator…",
        {
          title: ["Shall ", " no longer be a moderator?"],
          lead: "The person will be a plain member.",
          submit: "Make a member",
        },
      )
      : item(
        "moderator",
        "Make a moderator…",
        {
          title: ["Make ", " a moderator?"],
          lead:
            "Moderators mute, send out and ban people, and delete messages.",
          submit: "Make a moderator",
        },
      ),
    item(
      "owner",
      "Make an owner…",
      {
        title: ["Make ", " an owner?"],
        lead: "Owners name moderators and owners, and may empty or delete " +
          "the room. You cannot take it back.",
        submit: "Make an owner",
      },
    ),
  ];
}

/**
 * @param {Room} room
 * @param {{ me: string, live: () => ChatRoom }} options
 * @returns {MenuItem[]} how one gives up a role of one's own
 */
export function stepDownItems({ name, role, kind }, { me, live }) {
  if (role === "member" || kind === "direct") return [];
  return [{
    label: `No longer be ${role === "owner" ? "an owner" : "a moderator"}…`,
    icon: "leave",
    act: () =>
      openForm({
        title: ["Step down in ", h("bdi", {}, name), "?"],
        lead: "You will be a plain member. You cannot take it back.",
        submit: "Step down",
        danger: true,
        act: () => live().setRole(me, "member"),
      }),
  }];
}

/** @param {string | undefined} reason */
function reasonOf(reason) {
  const trimmed = reason?.trim() ?? "";
  return trimmed === "" ? {} : { reason: trimmed };
}
