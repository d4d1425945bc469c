// @ts-check
/// <reference lib="dom" />

import { h, setText } from "../../dom.js";
import { wordsOf } from "../words.js";
import { openDialog } from "./form_dialog.js";

/**
 * Shows a list that is fetched page by page.
 *
 * @template Item
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.empty what is said when there is nothing
 * @param {(last: Item | undefined) => Promise<{ items: readonly Item[], more: boolean }>} options.load
 * the page after the last item that is shown
 * @param {(item: Item, tools: { close: () => void, remove: () => void }) => readonly (Node | string)[]} options.row
 */
export function openList({ title, empty, load, row }) {
  const list = h("ul", { class: "rows" });
  const note = h("p", { class: "hint", role: "status" }, "One moment…");
  const more = h("button", { type: "button", class: "button" }, "Show more");
  const close = h("button", { type: "button", class: "button" }, "Close");
  more.hidden = true;
  const dialog = openDialog(
    title,
    h(
      "div",
      { class: "dialog-list" },
      h("h2", {}, title),
      list,
      note,
      h("div", { class: "dialog-buttons" }, more, close),
    ),
  );
  close.addEventListener("click", () => dialog.close());
  close.focus();
  /** @type {Item | undefined} */
  let last;
  const loadPage = async () => {
    more.disabled = true;
    try {
      const page = await load(last);
      last = page.items.at(-1) ?? last;
      list.append(...page.items.map((item) => {
        const element = h("li", { class: "row" });
        const remove = () => element.remove();
        element.append(...row(item, { close: () => dialog.close(), remove }));
        return element;
      }));
      more.hidden = !page.more;
      setText(note, list.childElementCount === 0 ? empty : "");
    } catch (error) {
      setText(note, wordsOf(error));
    } finally {
      more.disabled = false;
    }
  };
  more.addEventListener("click", loadPage);
  loadPage();
}
