// @ts-check
/// <reference lib="dom" />

import { h } from "../../dom.js";
import { findRoom } from "../state.js";
import { openForm } from "./form_dialog.js";
import { rankOf } from "./moderation.js";
import { openVersions } from "./moderation_lists.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { State } from "../state.js" */
/** @import { Utterance } from "../utterance.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @typedef {object} MessageMenuActions
 * @property {(text: string) => void} copy
 * @property {(line: Utterance) => void} edit
 * @property {(member: Member) => void} openMember what one can do with who said it
 */

/**
 * @param {{ room: string, line: Utterance }} message
 * @param {{ state: State, session: Session, actions: MessageMenuActions }} options
 * @returns {MenuItem[]} what one can do with it
 */
export function messageItems(
  { room: name, line },
  { state, session, actions },
) {
  const room = findRoom(state, name);
  const { offset, from } = line;
  if (room === undefined || offset === undefined) return [];
  const live = () => session.room(name);
  const mayModerate = rankOf(state, room) > 0 && room.kind !== "direct";
  const author = room.members?.find(({ id }) => id === from.id) ?? from;
  return [
    ...line.text === "" ? [] : [{
      label: "Copy text",
      icon: "copy",
      act: () => actions.copy(line.text),
    }],
    ...line.own
      ? [{ label: "Edit", icon: "edit", act: () => actions.edit(line) }]
      : [],
    ...mayModerate && line.edited
      ? [{
        label: "Former versions…",
        icon: "clock",
        act: () => openVersions(live, offset),
      }]
      : [],
    // Also somebody who has left the room.
    ...line.own || room.kind === "direct" ? [] : [{
      label: [h("bdi", {}, from.name), "…"],
      icon: "people",
      act: () => actions.openMember(author),
    }],
    ...line.own || mayModerate
      ? [{
        label: "Delete…",
        icon: "delete",
        danger: true,
        act: () =>
          openForm({
            title: "Delete this message for everybody?",
            lead: line.text,
            ...line.own
              ? {}
              : { fields: [{ name: "reason", label: "Why (may be empty)" }] },
            submit: "Delete",
            danger: true,
            act: ({ reason = "" }) =>
              live().remove(offset, reason.trim() === "" ? {} : { reason }),
          }),
      }]
      : [],
  ];
}
