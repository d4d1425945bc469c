// @ts-check
/// <reference lib="dom" />

import { h, setText } from "../../dom.js";
import { wordsOf } from "../words.js";
import { openDialog } from "./form_dialog.js";

/** So many rows have been made, which ids are made of. */
let rowCount = 0;

/**
 * @typedef {object} RowTools
 * @property {() => void} close closes the list
 * @property {(label: string, act: () => Promise<unknown>, options?: { sure?: string }) => HTMLButtonElement} end
 * makes a button that does something after which the row is gone; with `sure` it
 * asks that first
 */

/**
 * Shows a list that is fetched page by page.
 *
 * @template Item
 * @param {object} options
 * @param {import("../../dom.js").Words} options.title
 * @param {string} options.empty what is said when there is nothing
 * @param {string} [options.lead]
 * @param {(last: Item | undefined) => Promise<{ items: readonly Item[], more: boolean }>} options.load
 * the page after the last item that is shown
 * @param {(item: Item, tools: RowTools) => readonly (Node | string)[]} options.row
 * @param {{ label: string, act: () => void }} [options.add] what makes another
 * item; the list closes before
 */
export function openList({ title, empty, lead, load, row, add }) {
  const list = h("ul", { class: "rows" });
  const note = h("p", { class: "hint", role: "status" }, "One moment…");
  const more = h("button", { type: "button", class: "button" }, "Show more");
  const close = h("button", { type: "button", class: "button" }, "Close");
  const adding = h(
    "button",
    { type: "button", class: "button button-primary", hidden: !add },
    add?.label ?? "",
  );
  more.hidden = true;
  const dialog = openDialog(
    title,
    h(
      "div",
      { class: "dialog-list" },
      ...lead === undefined ? [] : [h("p", { class: "dialog-lead" }, lead)],
      list,
      note,
      h("div", { class: "dialog-buttons" }, adding, more, close),
    ),
  );
  close.addEventListener("click", () => dialog.close());
  adding.addEventListener("click", () => {
    dialog.close();
    add?.act();
  });
  close.focus();
  /** @type {Item | undefined} */
  let last;
  const sayIfEmpty = () =>
    setText(note, list.childElementCount === 0 && more.hidden ? empty : "");
  /** @param {Item} item */
  const rowOf = (item) => {
    const element = h("li", { class: "row" });
    const end = (
      /** @type {string} */ label,
      /** @type {() => Promise<unknown>} */ act,
      { sure = label } = {},
    ) => {
      const button = h(
        "button",
        { type: "button", class: "button button-small" },
        label,
      );
      button.addEventListener("blur", () => setText(button, label));
      button.addEventListener("click", async () => {
        if (button.textContent !== sure) {
          setText(button, sure);
          return;
        }
        button.disabled = true;
        try {
          await act();
        } catch (error) {
          button.disabled = false;
          setText(note, wordsOf(error));
          return;
        }
        // The focus must not go with the button that had it.
        const near = element.nextElementSibling ??
          element.previousElementSibling;
        element.remove();
        (near?.querySelector("button") ?? close).focus();
        sayIfEmpty();
      });
      return button;
    };
    element.append(...row(item, { close: () => dialog.close(), end }));
    // Buttons of the same name are told apart by what they stand beside.
    const main = element.querySelector(".row-main");
    const button = element.querySelector(".button-small");
    if (main !== null && button !== null) {
      main.id = `row-${rowCount++}`;
      button.setAttribute("aria-describedby", main.id);
    }
    return element;
  };
  const loadPage = async () => {
    more.disabled = true;
    try {
      const page = await load(last);
      last = page.items.at(-1) ?? last;
      list.append(...page.items.map(rowOf));
      more.hidden = !page.more;
      sayIfEmpty();
    } catch (error) {
      setText(note, wordsOf(error));
    } finally {
      more.disabled = false;
    }
  };
  more.addEventListener("click", loadPage);
  loadPage();
}
