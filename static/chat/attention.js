// @ts-check
/// <reference lib="dom" />

/**
 * Tells the server whether somebody is at this page.
 * @module
 */

/** @import { ChatClient } from "../chat-client/types.d.ts" */

/** A page that is hidden for so long is left alone. In milliseconds. */
const HIDDEN_TIME = 60_000;

/** Who does something is there; that is told so often at most. */
const ACTIVE_TIME = 120_000;

/** @param {ChatClient} client */
export function watchAttention(client) {
  let toldAt = performance.now();
  let isAway = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tell = (/** @type {boolean} */ away) => {
    isAway = away;
    toldAt = performance.now();
    if (client.status.state !== "online") return;
    // What could not be told is told by the next sign of somebody.
    client.setAway(away).catch(() => {});
  };
  const isActive = () => {
    if (isAway || performance.now() - toldAt > ACTIVE_TIME) tell(false);
  };
  for (const type of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(type, isActive, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => tell(true), HIDDEN_TIME);
    else if (isAway) tell(false);
  });
  client.on("ready", () => {
    // A new connection counts as one with somebody at it.
    if (isAway) tell(true);
  });
}
