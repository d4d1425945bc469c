// @ts-check

import { findRoom } from "../state.js";
import {
  moderationItems,
  serverBanItems,
  stepDownItems,
} from "./moderation.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { State } from "../state.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @typedef {object} MemberMenuActions
 * @property {(member: Member) => void} direct
 * @property {(member: Member) => void} mention
 */

/**
 * @param {{ room: string, member: Member }} place
 * @param {{ state: State, session: Session, actions: MemberMenuActions }} options
 * @returns {MenuItem[]} what one can do with a person
 */
export function memberItems(
  { room: name, member },
  { state, session, actions },
) {
  const room = findRoom(state, name);
  if (room === undefined) return [];
  const live = () => session.room(name);
  if (member.id === state.me?.id) {
    return stepDownItems(room, { me: member.id, live });
  }
  return [
    ...room.kind === "direct" ? [] : [
      {
        label: "Write a direct message",
        icon: "send",
        act: () => actions.direct(member),
      },
      { label: "Mention", icon: "at", act: () => actions.mention(member) },
    ],
    ...moderationItems(member, { room, state, live }),
    ...serverBanItems(member, { state, client: session.client }),
  ];
}
