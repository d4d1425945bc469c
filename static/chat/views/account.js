// @ts-check
/// <reference lib="dom" />

/**
 * The dialog about oneself: the name, the password, where one is signed in, and
 * the way out.
 * @module
 */

import { byId, h } from "../../dom.js";
import { formatMoment } from "../time.js";
import { wordsOf } from "../words.js";
import { openForm } from "./form_dialog.js";
import { LabelField } from "./label_field.js";
import { openList } from "./list_dialog.js";

/** @import { State } from "../state.js" */
/** @import { ChatClient } from "../../chat-client/types.d.ts" */

/**
 * @typedef {object} AccountActions
 * @property {() => ChatClient} client
 * @property {() => void} signOut
 */

/** Stays open until the server took the name. */
export class AccountView {
  #dialog = byId("rename", HTMLDialogElement);
  #form = byId("rename-form", HTMLFormElement);
  #field;
  #actions;
  #name = "";
  #connected = false;

  /** @param {AccountActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#field = new LabelField("rename-name", {
      emptyProblem: "A name is needed.",
      onCorrect: () => {},
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#rename();
    });
    byId("rename-cancel", HTMLButtonElement)
      .addEventListener("click", () => this.#dialog.close());
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
      actions.signOut();
    });
    byId("password-open", HTMLButtonElement)
      .addEventListener("click", () => this.#openPassword());
    byId("sessions-open", HTMLButtonElement)
      .addEventListener("click", () => this.#openSessions());
  }

  open() {
    this.#field.value = this.#name;
    this.#field.showProblem(undefined);
    this.#dialog.showModal();
    this.#field.select();
  }

  /** @param {State} state */
  render({ server, me, name, account, stage, status }) {
    this.#field.limit = server.limits.name ?? Infinity;
    this.#connected = status.state === "online";
    this.#name = me?.name ?? name;
    // Who comes with a token is named by it, and has no sessions here.
    const isNamedElsewhere = server.identity === "jwt";
    byId("password-open", HTMLElement).hidden = !account || isNamedElsewhere;
    byId("sessions-open", HTMLElement).hidden = isNamedElsewhere;
    if (stage === "entry" && this.#dialog.open) this.#dialog.close();
  }

  async #rename() {
    const name = this.#field.take();
    if (name === undefined) return;
    if (name === this.#name) {
      this.#dialog.close();
      return;
    }
    if (!this.#connected) {
      this.#field.showProblem("You can change it once you are connected.");
      return;
    }
    try {
      await this.#actions.client().rename(name);
      this.#dialog.close();
    } catch (error) {
      this.#field.showProblem(wordsOf(error));
    }
  }

  #openPassword() {
    openForm({
      title: "Change the password",
      lead: "All your other devices are signed out.",
      fields: [
        {
          name: "old",
          label: "Your password now",
          kind: "password",
          autocomplete: "current-password",
          required: true,
        },
        {
          name: "new",
          label: "The new password",
          kind: "password",
          autocomplete: "new-password",
          hint: "At least 8 characters.",
          required: true,
        },
      ],
      submit: "Change password",
      act: ({ old = "", new: fresh = "" }) =>
        this.#actions.client().changePassword({ old, new: fresh }),
    });
  }

  #openSessions() {
    openList({
      title: "Where you are signed in",
      empty: "Nowhere.",
      load: async () => {
        const items = await this.#actions.client().sessions();
        return { items, more: false };
      },
      row: ({ id, current, created, used }, { end }) => {
        const now = Date.now();
        return [
          h(
            "span",
            { class: "row-main" },
            current ? "This device" : "Another device",
            h(
              "span",
              { class: "hint" },
              `since ${formatMoment(Date.parse(created), now)}, last used ` +
                formatMoment(Date.parse(used), now),
            ),
          ),
          ...current
            ? []
            : [end("Sign out", () => this.#actions.client().revoke(id))],
        ];
      },
    });
  }
}
