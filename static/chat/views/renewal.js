// @ts-check
/// <reference lib="dom" />

import { byId, setText } from "../../dom.js";

/** @import { State } from "../state.js" */

/** Tells in time that the token ends that one came with. */
export class RenewalView {
  #banner = byId("renewal", HTMLElement);
  #text = byId("renewal-text", HTMLElement);

  /** @param {() => void} onRenew the person wants to stay */
  constructor(onRenew) {
    byId("renewal-open", HTMLButtonElement).addEventListener("click", onRenew);
  }

  /** @param {State} state */
  render({ tokenWanted, server }) {
    const isShown = tokenWanted && server.login !== undefined;
    this.#banner.hidden = !isShown;
    // Put in when it is shown: only what is new is read aloud.
    setText(this.#text, isShown ? "Your sign\u2011in ends soon." : "");
  }
}
