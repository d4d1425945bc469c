// @ts-check
/// <reference lib="dom" />

/**
 * Dialogs about rooms: find one, make one, invite to one.
 * @module
 */

import { h } from "../../dom.js";
import { linkOfInvitation } from "../address.js";
import { plural } from "../text.js";
import { formatMoment } from "../time.js";
import { openDialog, openForm } from "./form_dialog.js";
import { openList } from "./list_dialog.js";
import { ShareField } from "./share.js";

/** @import { ChatClient, ChatRoom } from "../../chat-client/types.d.ts" */
/** @import { ListedRoom } from "../../chat-client/wire.d.ts" */

/**
 * @param {ChatClient} client
 * @param {(room: string) => void} open
 */
export function browseRooms(client, open) {
  openList({
    title: "Rooms",
    empty: "There is no room yet.",
    load: async (/** @type {ListedRoom | undefined} */ last) => {
      const { rooms, more } = await client.rooms(
        last === undefined ? {} : { after: last.room },
      );
      return { items: rooms, more };
    },
    row: ({ room, kind, topic, count, unread, with: other }, { close }) => {
      const button = h(
        "button",
        { type: "button", class: "row-button" },
        h(
          "span",
          { class: "row-main" },
          h("bdi", { class: "row-name" }, other?.name ?? room),
          h("bdi", { class: "hint" }, topic),
        ),
        h(
          "span",
          { class: "hint" },
          [
            ...kind === "public" ? [] : [kind],
            plural(count, "person", "people"),
            ...unread > 0 ? [`${unread} new`] : [],
          ].join(", "),
        ),
      );
      button.addEventListener("click", () => {
        close();
        open(room);
      });
      return [button];
    },
  });
}

/** @param {(room: string, options: { kind: "public" | "private", topic: string }) => Promise<void>} create */
export function createRoom(create) {
  openForm({
    title: "A new room",
    fields: [
      { name: "room", label: "Its name", required: true },
      {
        name: "kind",
        label: "Who may come in",
        kind: "select",
        options: [
          ["public", "Everybody"],
          ["private", "Who is invited"],
        ],
      },
      { name: "topic", label: "What it is about (may be empty)" },
    ],
    submit: "Make the room",
    act: ({ room = "", kind, topic = "" }) =>
      create(room.trim(), {
        kind: kind === "private" ? "private" : "public",
        topic: topic.trim(),
      }),
  });
}

/** @param {ChatRoom} live */
export function changeTopic(live) {
  openForm({
    title: `What ${live.name} is about`,
    fields: [{ name: "topic", label: "Topic", value: live.topic }],
    submit: "Change",
    act: ({ topic = "" }) => live.setTopic(topic.trim()),
  });
}

/** @param {ChatRoom} live */
export function inviteTo(live) {
  openForm({
    title: `Invite to ${live.name}`,
    lead: "You get a link. Who opens it becomes a member.",
    fields: [
      {
        name: "uses",
        label: "For how many people",
        kind: "select",
        options: [["1", "One"], ["5", "5"], ["25", "25"], ["", "Any number"]],
      },
      {
        name: "lasts",
        label: "How long it is valid",
        kind: "select",
        value: "86400",
        options: [["3600", "1 hour"], ["86400", "1 day"], ["604800", "1 week"]],
      },
    ],
    submit: "Make a link",
    act: async ({ uses, lasts }) => {
      const { invite, expires } = await live.invite({
        lasts: Number(lasts),
        ...uses === "" ? {} : { uses: Number(uses) },
      });
      showInvitation({ room: live.name, invite, expires });
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
    "Invitation",
    h(
      "div",
      { class: "dialog-list" },
      h("h2", {}, `Invitation to ${room}`),
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
