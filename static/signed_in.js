// @ts-check
/// <reference lib="dom" />

/**
 * Where another site sends people back to, with a token.
 * @module
 */

import { takeReturned } from "./chat/token_login.js";
import { byId } from "./dom.js";

const { hash } = location;
// At once: it must not be in the history, nor be copied by mistake.
history.replaceState(null, "", location.pathname);

const returned = takeReturned(hash);
if (returned.outcome === "entered") {
  location.replace(returned.back);
} else {
  byId(returned.outcome, HTMLElement).hidden = false;
  // A browser that does not let it close itself shows what to do.
  if (returned.outcome === "renewed") close();
}
