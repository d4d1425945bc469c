// @ts-check
/// <reference lib="dom" />

import { findRoom } from "../state.js";
import { openMenu } from "./menu.js";
import {
  moderationItems,
  serverBanItems,
  stepDownItems,
} from "./moderation.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { Session } from "../session.js" */
/** @import { Action, State } from "../state.js" */
/** @import { Store } from "../store.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @typedef {object} MemberMenuActions
 * @property {(member: Member) => void} direct
 * @property {(member: Member) => void} mention
 */

/** What one can do with a person. */
export class MemberMenu {
  #store;
  #session;
  #actions;

  /**
   * @param {{ store: Store<State, Action>, session: Session, actions: MemberMenuActions }} options
   */
  constructor({ store, session, actions }) {
    this.#store = store;
    this.#session = session;
    this.#actions = actions;
  }

  /**
   * Opens it beside what has the focus, if there is something to do.
   *
   * @param {string} room
   * @param {Member} member
   */
  open(room, member) {
    const items = this.itemsOf(room, member);
    const anchor = document.activeElement;
    if (anchor instanceof HTMLElement && items.length > 0) {
      openMenu(anchor, { label: member.name, items });
    }
  }

  /**
   * @param {string} name of the room
   * @param {Member} member
   * @returns {MenuItem[]}
   */
  itemsOf(name, member) {
    const { state } = this.#store;
    const session = this.#session;
    const room = findRoom(state, name);
    if (room === undefined) return [];
    const live = () => session.room(name);
    if (member.id === state.me?.id) {
      return stepDownItems(room, { me: member.id, live });
    }
    const { direct, mention } = this.#actions;
    return [
      ...room.kind === "direct" ? [] : [
        {
          label: "Write a direct message",
          icon: "send",
          act: () => direct(member),
        },
        { label: "Mention", icon: "at", act: () => mention(member) },
      ],
      ...moderationItems(member, { room, state, live }),
      ...serverBanItems(member, { state, client: session.client }),
    ];
  }
}
