// @ts-check
/// <reference lib="dom" />

/** Hidden for longer than this, the connection may have died unseen. */
const PROBE_AFTER = 20_000;

/**
 * @param {object} options
 * @param {(visible: boolean) => void} options.changed
 * @param {() => void} options.returned the page was hidden for long
 */
export function watchVisibility({ changed, returned }) {
  let hiddenAt = Infinity;
  document.addEventListener("visibilitychange", () => {
    changed(!document.hidden);
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > PROBE_AFTER) returned();
  });
}
