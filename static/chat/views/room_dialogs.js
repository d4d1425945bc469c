// @ts-check
/// <reference lib="dom" />

/**
 * Dialogs about rooms: find one, make one, say what it is about.
 * @module
 */

import { h } from "../../dom.js";
import { plural } from "../text.js";
import { openForm } from "./form_dialog.js";
import { openList } from "./list_dialog.js";

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
    title: ["What ", h("bdi", {}, live.name), " is about"],
    fields: [{ name: "topic", label: "Topic", value: live.topic }],
    submit: "Change",
    act: ({ topic = "" }) => live.setTopic(topic.trim()),
  });
}
