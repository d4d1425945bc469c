// @ts-check
/// <reference lib="dom" />

import { h } from "../../dom.js";
import { avatar } from "./avatar.js";
import { openMenu } from "./menu.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { MenuItem } from "./menu.js" */

/** @typedef {(member: Member) => readonly MenuItem[]} ItemsOf */

/** A list of people. A row stays while its person does, and keeps the focus. */
export class MemberRows {
  #list;
  #itemsOf;
  /** @type {Map<string, MemberRow>} */
  #rows = new Map();

  /**
   * @param {HTMLUListElement} list
   * @param {ItemsOf} itemsOf what one can do with a person
   */
  constructor(list, itemsOf) {
    this.#list = list;
    this.#itemsOf = itemsOf;
  }

  /**
   * @param {readonly Member[]} members
   * @param {string} [me] the reader's id
   */
  render(members, me) {
    const ids = new Set(members.map(({ id }) => id));
    for (const [id, { element }] of this.#rows) {
      if (ids.has(id)) continue;
      element.remove();
      this.#rows.delete(id);
    }
    let next = this.#list.firstElementChild;
    for (const member of members) {
      const row = this.#rows.get(member.id) ?? new MemberRow(this.#itemsOf);
      this.#rows.set(member.id, row);
      row.render(member, member.id === me);
      // What moves loses the focus.
      if (row.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(row.element, next);
    }
  }
}

/** One person's row: a button, where there is something to do. */
class MemberRow {
  #itemsOf;
  /** @type {HTMLElement | undefined} */
  #content;
  element = h("li", {});

  /** @param {ItemsOf} itemsOf */
  constructor(itemsOf) {
    this.#itemsOf = itemsOf;
  }

  /**
   * @param {Member} member
   * @param {boolean} isMe
   */
  render(member, isMe) {
    const { name, role, offline, guest, bot } = member;
    const notes = [
      ...isMe ? ["you"] : [],
      ...role === undefined ? [] : [role],
      ...guest ? ["guest"] : [],
      ...bot ? ["bot"] : [],
      ...member.away ? ["away"] : [],
    ].join(", ");
    const content = this.#take(this.#itemsOf(member).length > 0);
    content.onclick = () => {
      const items = this.#itemsOf(member);
      if (items.length > 0) openMenu(content, { label: name, items });
    };
    content.classList.toggle("away", member.away ?? offline ?? false);
    content.replaceChildren(
      avatar(name),
      h("bdi", { class: "member-name", title: name }, name),
      ...notes === "" ? [] : [h("span", { class: "member-note" }, notes)],
    );
  }

  /**
   * @param {boolean} isButton
   * @returns {HTMLElement} the same one as long as it can be
   */
  #take(isButton) {
    const tag = isButton ? "button" : "div";
    if (this.#content?.localName === tag) return this.#content;
    this.#content = isButton
      ? h("button", {
        type: "button",
        class: "member",
        "aria-haspopup": "menu",
      })
      : h("div", { class: "member" });
    this.element.replaceChildren(this.#content);
    return this.#content;
  }
}
