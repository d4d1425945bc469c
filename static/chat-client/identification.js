// @ts-check

/** @import { Identity } from "./types.d.ts" */
/** @import { Request } from "./calls.js" */

/**
 * @param {Identity} identity
 * @returns {Request | Promise<Request>} what tells the server who one is
 */
export function identification(identity) {
  if ("name" in identity) return { type: "hello", name: identity.name };
  if ("resume" in identity) return { type: "hello", resume: identity.resume };
  if ("login" in identity) return { type: "login", ...identity.login };
  if ("register" in identity) return { type: "register", ...identity.register };
  return helloWith(identity.token);
}

/** @param {() => string | Promise<string>} token */
async function helloWith(token) {
  return { type: "hello", token: await token() };
}
