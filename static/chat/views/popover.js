// @ts-check
/// <reference lib="dom" />

/**
 * Shows an element that has the attribute `popover`. Safari knows popovers from
 * version 17 on; in an older one it gets what a popover does of itself: it goes
 * when somebody presses Escape or points elsewhere, and tells so.
 *
 * @param {HTMLElement} popover
 */
export function showPopover(popover) {
  if ("showPopover" in popover) return popover.showPopover();
  const shown = new AbortController();
  const close = () => {
    if (shown.signal.aborted) return;
    shown.abort();
    const event = Object.assign(new Event("toggle"), { newState: "closed" });
    /** @type {HTMLElement} */ (popover).dispatchEvent(event);
  };
  const whileShown = { capture: true, signal: shown.signal };
  document.addEventListener("pointerdown", ({ target }) => {
    if (
      !(/** @type {HTMLElement} */ (popover)).contains(
        /** @type {Node} */ (target),
      )
    ) close();
  }, whileShown);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }, whileShown);
  Object.assign(popover, { hidePopover: close });
}
