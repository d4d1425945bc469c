// @ts-check
/// <reference lib="dom" />

/**
 * Dialogs about invitations to a private room: make one, see them, end one.
 * @module
 */

import { h } from "../../dom.js";
import { linkOfInvitation } from "../address.js";
import { plural } from "../text.js";
import { formatMoment } from "../time.js";
import { openDialog, openForm } from "./form_dialog.js";
import { openList } from "./list_dialog.js";
import { ShareField } from "./share.js";

/** @import { ChatRoom } from "../../chat-client/types.d.ts" */
/** @import { Invite } from "../../chat-client/wire.d.ts" */

/** @param {ChatRoom} live */
export function inviteTo(live) {
  openForm({
    title: ["Invite to ", h("bdi", {}, live.name)],
    lead: "You get a link. Who opens it becomes a member.",
    fields: [
      {
        name: "uses",
        label: "For how many people",
        kind: "select",
        options: [["1", "One"], ["5", "5"], ["25", "25"], ["1000", "1000"]],
      },
      {
        name: "lasts",
        label: "How long it is valid",
        kind: "select",
        value: "86400",
        options: [
          ["3600", "1 hour"],
          ["86400", "1 day"],
          ["604800", "1 week"],
          ["2592000", "30 days"],
        ],
      },
    ],
    submit: "Make a link",
    act: async ({ uses, lasts }) => {
      const { invite, expires } = await live.invite({
        lasts: Number(lasts),
        uses: Number(uses),
      });
      showInvitation({ room: live.name, invite, expires });
    },
  });
}

/** @param {() => ChatRoom} live */
export function openInvitations(live) {
  openList({
    title: ["Invitations to ", h("bdi", {}, live().name)],
    empty: "There is none that can still be used.",
    load: async (/** @type {Invite | undefined} */ last) => {
      const { invites, more } = await live().invites(
        last === undefined ? {} : { after: last.id },
      );
      return { items: invites, more };
    },
    row: ({ id, by, uses, expires, time }, { end }) => {
      const now = Date.now();
      return [
        h(
          "span",
          { class: "row-main" },
          h(
            "span",
            {},
            `For ${plural(uses, "person", "people")}, until `,
            formatMoment(Date.parse(expires), now),
          ),
          h(
            "span",
            { class: "hint" },
            "made by ",
            h("bdi", {}, by.name),
            ` ${formatMoment(Date.parse(time), now)}`,
          ),
        ),
        end("End it", () => live().dropInvite(id)),
      ];
    },
  });
}

/** @param {{ room: string, invite: string, expires: string }} invitation */
function showInvitation({ room, invite, expires }) {
  const share = new ShareField({
    label: "The invitation",
    copyLabel: "Copy",
    open: true,
  });
  share.link = linkOfInvitation({ room, invite }, location.href);
  const close = h("button", { type: "button", class: "button" }, "Close");
  const dialog = openDialog(
    ["Invitation to ", h("bdi", {}, room)],
    h(
      "div",
      { class: "dialog-list" },
      share.element,
      h(
        "p",
        { class: "hint" },
        `Valid until ${formatMoment(Date.parse(expires), Date.now())}. ` +
          "It is shown only now.",
      ),
      h("div", { class: "dialog-buttons" }, close),
    ),
  );
  close.addEventListener("click", () => dialog.close());
}
