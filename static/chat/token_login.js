// @ts-check

/**
 * Coming in by a page of another site, which makes tokens.
 *
 * The person is sent there with a `state`, a random text, and comes back to
 * `signed-in.html` with `#token=…&state=…`: in the fragment, which goes to no
 * server and into no log. A token whose state was not made here is not taken;
 * else a link of somebody could bring a person in as somebody else.
 * @module
 */

import { randomId } from "../chat-client/random_id.js";
import { forget, keep, kept, TOKEN } from "./storage.js";

/** @import { ChatClient, Identity } from "../chat-client/types.d.ts" */

/** The sign-in that this tab has begun, as JSON. */
const BEGUN = "switchboard.sign-in";

/** What the window of a renewal says, and the tabs hear. */
const CHANNEL = "switchboard.tokens";

/** So a state begins whose sign-in another tab waits for. */
const RENEWAL = "renewal.";

/** @typedef {{ token: string, state: string }} Returned */

/** The token of this tab, from coming in to the next one. */
export class TokenLogin {
  /** @type {string | undefined} */
  #token = kept(TOKEN);
  /** The one before a renewal, which the server may not take. */
  #former = this.#token;
  #state = "";
  /** @type {((token: string) => void)[]} who waits for a newer one */
  #waiting = [];
  #isOnline;
  #wanted;
  #channel = new BroadcastChannel(CHANNEL);

  /**
   * @param {object} options
   * @param {() => boolean} options.isOnline
   * @param {(isWanted: boolean) => void} options.wanted whether the token ends
   * soon, and the person has to get another one
   */
  constructor({ isOnline, wanted }) {
    this.#isOnline = isOnline;
    this.#wanted = wanted;
    this.#channel.onmessage = ({ data }) => this.#take(data);
  }

  /** @returns {Identity | undefined} of whom the token names, if there is one */
  get identity() {
    return this.#token === undefined
      ? undefined
      : { token: () => this.#give() };
  }

  /**
   * The person comes in.
   *
   * @param {string} login the other site's page
   * @param {string} back where this page goes on: its address, with a fragment
   * @returns {string} where to send the person
   */
  begin(login, back) {
    const state = randomId();
    keep(BEGUN, JSON.stringify({ state, back }));
    return withState(login, state);
  }

  /**
   * The person, who is in, gets another token in a window of its own.
   *
   * @param {string} login
   * @returns {string} where to open the window
   */
  renew(login) {
    this.#state = RENEWAL + randomId();
    return withState(login, this.#state);
  }

  /**
   * Gives up tokens that the server does not take.
   *
   * @param {ChatClient} client
   * @param {{ refused: (words: string) => void }} options `refused`: the newer
   * one is not taken, but the one before still holds
   */
  watch(client, { refused }) {
    client.on("status", (status) => {
      const isRefused = status.state === "offline" &&
        status.reason === "refused";
      if (isRefused) this.forget();
    });
    client.on("error", ({ code }) => {
      if (code !== "invalid_token") return;
      // Else one would be somebody else once the former one has ended.
      this.#token = this.#former;
      if (this.#token !== undefined) keep(TOKEN, this.#token);
      refused("You have signed in as somebody else. Sign in as you are here.");
    });
  }

  /** The person goes, or the token is not valid any more. */
  forget() {
    this.#token = undefined;
    forget(TOKEN);
    this.#wanted(false);
  }

  /** Hears of no newer tokens any more. */
  [Symbol.dispose]() {
    this.#channel.close();
  }

  /** @returns {string | Promise<string>} */
  #give() {
    // To connect, the one that there is has to do. The server says if it does
    // not.
    if (!this.#isOnline()) return this.#token ?? "";
    this.#wanted(true);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param {Returned} returned from some window of this browser */
  #take({ token, state }) {
    if (state !== this.#state) return;
    this.#state = "";
    this.#former = this.#token;
    this.#token = token;
    keep(TOKEN, token);
    this.#wanted(false);
    for (const resolve of this.#waiting.splice(0)) resolve(token);
  }
}

/**
 * What `signed-in.html` does with what the other site has sent.
 *
 * @param {string} hash the fragment
 * @returns {{ outcome: "entered", back: string } | { outcome: "renewed" | "unknown" }}
 */
export function takeReturned(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const token = fields.get("token") ?? "";
  const state = fields.get("state") ?? "";
  if (token === "" || state === "") return { outcome: "unknown" };
  if (state.startsWith(RENEWAL)) {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage({ token, state });
    channel.close();
    return { outcome: "renewed" };
  }
  const begun = JSON.parse(kept(BEGUN) ?? "{}");
  forget(BEGUN);
  if (begun.state !== state) return { outcome: "unknown" };
  keep(TOKEN, token);
  return { outcome: "entered", back: begun.back };
}

/**
 * @param {string} login
 * @param {string} state
 * @returns {string}
 */
function withState(login, state) {
  const url = new URL(login);
  url.searchParams.set("state", state);
  return url.href;
}
