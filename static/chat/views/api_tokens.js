// @ts-check
/// <reference lib="dom" />

/**
 * Dialogs about tokens of the HTTP API: make one, see them, revoke one.
 * @module
 */

import { h } from "../../dom.js";
import { openDialog, openForm } from "./form_dialog.js";
import { openList } from "./list_dialog.js";
import { ShareField } from "./share.js";

/** @import { ChatClient } from "../../chat-client/types.d.ts" */
/** @import { ApiToken, TokenScope } from "../../chat-client/wire.d.ts" */

/** @satisfies {Record<TokenScope, string>} */
const SCOPES = {
  "messages:write": "Say something, also as a webhook",
  "messages:read": "Read and search messages",
  "rooms:read": "Read which rooms there are",
  "members:read": "Read who is in a room",
  "uploads:write": "Send files",
  "people:disconnect": "End the connections of a person",
};

/** @param {ChatClient} client */
export function openTokens(client) {
  openList({
    title: "Tokens of the API",
    lead: "With a token a program speaks here, as a bot.",
    empty: "There is none.",
    load: async () => {
      const { tokens } = await client.request("tokens", {});
      return { items: tokens, more: false };
    },
    row: (token, { end }) => [
      h(
        "span",
        { class: "row-main" },
        h("bdi", {}, token.name),
        h("span", { class: "hint" }, scopesOf(token)),
        h(
          "span",
          { class: "hint" },
          ...token.room === undefined
            ? ["in all public rooms"]
            : ["in ", h("bdi", {}, token.room)],
        ),
      ),
      end(
        "Revoke",
        () => client.request("drop_token", { token: token.id }),
        { sure: "Really revoke?" },
      ),
    ],
    add: { label: "New token…", act: () => createToken(client) },
  });
}

/** @param {ChatClient} client */
function createToken(client) {
  openForm({
    title: "A new token",
    fields: [
      {
        name: "name",
        label: "The bot's name",
        hint: "Nobody else can have it.",
        required: true,
      },
      {
        name: "scopes",
        label: "What it may do",
        kind: "checks",
        required: true,
        options: Object.entries(SCOPES),
      },
      {
        name: "room",
        label: "In which room alone (may be empty)",
      },
    ],
    submit: "Make the token",
    act: async ({ name = "", scopes = "", room = "" }) => {
      const { token, secret } = await client.request("create_token", {
        name: name.trim(),
        scopes: /** @type {TokenScope[]} */ (scopes.split(" ")),
        ...room.trim() === "" ? {} : { room: room.trim() },
      });
      showSecret(client, { token, secret });
    },
  });
}

/**
 * @param {ChatClient} client
 * @param {{ token: ApiToken, secret: string }} made
 */
function showSecret(client, { token, secret }) {
  const share = new ShareField({
    label: "The token",
    copyLabel: "Copy",
    open: true,
  });
  share.link = secret;
  const close = h("button", { type: "button", class: "button" }, "Close");
  const dialog = openDialog(
    ["Token of ", h("bdi", {}, token.name)],
    h(
      "div",
      { class: "dialog-list" },
      share.element,
      h(
        "p",
        { class: "hint" },
        "It is shown only now. Who has it can do what you have chosen: " +
          "keep it as you keep a password.",
      ),
      h("div", { class: "dialog-buttons" }, close),
    ),
  );
  close.addEventListener("click", () => {
    dialog.close();
    openTokens(client);
  });
}

/** @param {ApiToken} token */
function scopesOf({ scopes }) {
  return scopes
    .map((scope) => SCOPES[/** @type {TokenScope} */ (scope)] ?? scope)
    .join(", ").toLowerCase();
}
