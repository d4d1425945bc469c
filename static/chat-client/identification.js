// @ts-check

import { ChatError } from "./errors.js";
import { retryTime } from "./retry_time.js";

/** @import { Identity } from "./types.d.ts" */
/** @import { Person, Ready } from "./wire.d.ts" */
/** @import { Request } from "./calls.js" */
/** @import { Connection } from "./connection.js" */
/** @import { KeptState } from "./kept_state.js" */

/** Of the time that an identity lasts, after this part it is made to last longer. */
const REFRESH_PART = 0.8;

/** No timer can be longer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * @typedef {object} IdentificationOptions
 * @property {Connection} connection
 * @property {KeptState} kept
 * @property {() => number} now the server's time, in milliseconds since 1970
 * @property {(ready: Ready, isThere: () => boolean) => void} onReady the server
 * has taken who one is; `isThere` tells whether the connection still is the one
 * on which it did
 * @property {(error: ChatError) => void} warn
 */

/** Who one is: tells each new connection, and keeps what to come back with. */
export class Identification {
  /** @type {Person | undefined} */
  person;
  isOwner = false;
  #identity;
  /** @type {string | undefined} the secret to come back with */
  #secret;
  #options;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refreshTimer;

  /**
   * @param {Identity | undefined} identity
   * @param {IdentificationOptions} options
   */
  constructor(identity, options) {
    this.#identity = identity;
    this.#secret = options.kept.secret;
    this.#options = options;
  }

  /** Whether the server can be told who one is. */
  get isPossible() {
    return (this.#identity ?? this.#secret) !== undefined;
  }

  /** Whether one comes with tokens; the server keeps no session of who does. */
  get hasToken() {
    return this.#token !== undefined;
  }

  /** @param {Identity} identity who one is from the next connection on */
  become(identity) {
    this.forgetSecret();
    this.#identity = identity;
  }

  /** Who one has said to be. */
  forgetIdentity() {
    this.#identity = undefined;
  }

  /** What one would come back with. */
  forgetSecret() {
    this.#secret = undefined;
    this.#options.kept.secret = undefined;
  }

  /** @returns {Promise<string | undefined>} what shows the HTTP API who one is */
  async bearer() {
    return this.#secret ?? await this.#token?.();
  }

  /** The connection is gone. */
  pause() {
    clearTimeout(this.#refreshTimer);
  }

  /** Tells the server who one is. */
  async identify() {
    const { connection } = this.#options;
    const isThere = connection.watch();
    const secret = this.#secret;
    const identity = secret === undefined ? this.#identity : { resume: secret };
    if (identity === undefined) {
      connection.goOffline("signed_out");
      return;
    }
    /** @type {Request} */
    let request;
    try {
      const made = requestOf(identity);
      request = made instanceof Promise ? await made : made;
    } catch (cause) {
      if (!isThere()) return;
      connection.comeBack(ChatError.local("no_token", { cause }));
      return;
    }
    if (!isThere()) return;
    connection.ask(request, {
      answered: (ready) => this.#setReady(ready),
      refused: (error) => this.#refused(error),
      lost: () => {},
    });
  }

  get #token() {
    const identity = this.#identity;
    return identity !== undefined && "token" in identity
      ? identity.token
      : undefined;
  }

  /** @param {ChatError} error */
  #refused(error) {
    const { connection } = this.#options;
    const least = retryTime(error);
    if (least !== undefined) {
      connection.comeBack(error, { least });
      return;
    }
    const hadSecret = this.#secret !== undefined;
    if (error.code === "unknown_session") this.forgetSecret();
    // Who one was has been forgotten; who one said to be may do.
    const isLeft = this.#identity !== undefined && this.#secret === undefined;
    if (hadSecret && isLeft) this.identify();
    else connection.goOffline("refused", { error });
  }

  /** @param {Ready & { ref?: string }} answer */
  #setReady({ ref: _, ...ready }) {
    const { connection, kept, onReady } = this.#options;
    const isThere = connection.watch();
    const identity = this.#identity;
    if (ready.resume !== undefined) this.#secret = ready.resume;
    else if (identity !== undefined && "resume" in identity) {
      this.#secret ??= identity.resume;
    }
    // It is of use once; the secret does from here on.
    const isUsedUp = identity !== undefined &&
      ("login" in identity || "register" in identity || "resume" in identity);
    if (isUsedUp) this.#identity = undefined;
    this.person = ready.person;
    this.isOwner = ready.owner ?? false;
    kept.secret = this.#secret;
    this.#expectEnd(ready.expires);
    onReady(ready, isThere);
  }

  /**
   * Makes an identity that ends at some time last longer.
   *
   * @param {string | undefined} expires
   */
  #expectEnd(expires) {
    clearTimeout(this.#refreshTimer);
    const token = this.#token;
    if (expires === undefined || token === undefined) return;
    const left = Date.parse(expires) - this.#options.now();
    const wait = Math.max(1000, Math.min(MAX_TIMER, left * REFRESH_PART));
    this.#refreshTimer = setTimeout(() => this.#refresh(token), wait);
  }

  /** @param {() => string | Promise<string>} token */
  async #refresh(token) {
    const { connection, warn } = this.#options;
    const isThere = connection.watch();
    try {
      const request = { type: "refresh", token: await token() };
      if (!isThere()) return;
      connection.ask(request, {
        answered: (ready) => this.#expectEnd(ready.expires),
        refused: warn,
        lost: () => {},
      });
    } catch (cause) {
      warn(ChatError.local("no_token", { cause }));
    }
  }
}

/**
 * @param {Identity} identity
 * @returns {Request | Promise<Request>} what tells the server who one is
 */
function requestOf(identity) {
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
