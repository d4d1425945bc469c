// @ts-check
/// <reference lib="dom" />

import { h } from "../../dom.js";
import { findRoom } from "../state.js";
import { openForm } from "./form_dialog.js";
import { inviteTo, openInvitations } from "./invitations.js";
import { openSlowMode, rankOf } from "./moderation.js";
import { openAudit, openBans } from "./moderation_lists.js";
import { changeTopic } from "./room_dialogs.js";

/** @import { Room } from "../room.js" */
/** @import { Session } from "../session.js" */
/** @import { State } from "../state.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @param {string} name
 * @param {{ state: State, session: Session }} options
 * @returns {MenuItem[]} what one can do with a room
 */
export function roomItems(name, { state, session }) {
  const room = findRoom(state, name);
  if (room === undefined) return [];
  const live = () => session.room(name);
  const rank = room.kind === "direct" ? 0 : rankOf(state, room);
  const ask = (/** @type {() => void} */ action) => () =>
    void session.attempt(action);
  return [
    ...room.kind !== "private" || rank === 0 ? [] : [
      { label: "Invite…", icon: "link", act: ask(() => inviteTo(live())) },
      {
        label: "Invitations…",
        icon: "list",
        act: ask(() => openInvitations(live)),
      },
    ],
    ...rank === 0 ? [] : [
      { label: "Topic…", icon: "edit", act: ask(() => changeTopic(live())) },
      {
        label: "Slow mode…",
        icon: "clock",
        act: ask(() => openSlowMode(live)),
      },
      {
        label: "Bans…",
        icon: "ban",
        act: ask(() => openBans(session.client, live().name)),
      },
      {
        label: "What moderators did…",
        icon: "people",
        act: ask(() => openAudit(session.client, live().name)),
      },
    ],
    {
      label: "Leave the room",
      icon: "leave",
      act: () => session.close(name),
    },
    ...room.kind === "private" ? [leaveForGood(name, session)] : [],
    ...rank < 2 ? [] : [resetRoom(room, session), deleteRoom(room, session)],
  ];
}

/**
 * @param {string} name
 * @param {Session} session
 * @returns {MenuItem}
 */
function leaveForGood(name, session) {
  return {
    label: "Leave for good…",
    icon: "leave",
    danger: true,
    act: () =>
      openForm({
        title: ["Leave ", h("bdi", {}, name), " for good?"],
        lead: "You can come back by a new invitation only.",
        submit: "Leave",
        danger: true,
        act: () => session.close(name, { forGood: true }),
      }),
  };
}

/**
 * @param {Room} room
 * @param {Session} session
 * @returns {MenuItem}
 */
function resetRoom({ name, offset }, session) {
  return {
    label: "Empty the room…",
    icon: "delete",
    danger: true,
    act: () =>
      openForm({
        title: ["Empty ", h("bdi", {}, name), "?"],
        lead:
          `All that was said here${
            offset > 1 ? `, ${offset} messages,` : ""
          } is gone for everybody, with its files and reactions, and cannot be ` +
          "brought back. The room stays, with its members, roles and bans.",
        fields: [confirmationOf(name)],
        submit: "Empty the room",
        danger: true,
        act: async () => {
          await session.client.request("reset_room", { room: name });
        },
      }),
  };
}

/**
 * @param {Room} room
 * @param {Session} session
 * @returns {MenuItem}
 */
function deleteRoom({ name }, session) {
  return {
    label: "Delete the room…",
    icon: "delete",
    danger: true,
    act: () =>
      openForm({
        title: ["Delete ", h("bdi", {}, name), "?"],
        lead: "The room and all that was said in it are gone for everybody, " +
          "and cannot be brought back.",
        fields: [confirmationOf(name)],
        submit: "Delete",
        danger: true,
        act: async () => {
          await session.client.request("delete_room", { room: name });
        },
      }),
  };
}

/** @param {string} room */
function confirmationOf(room) {
  return {
    name: "confirmation",
    label: "Write the room's name, to be sure",
    required: true,
    mustBe: room,
  };
}
