// @ts-self-types="./errors.d.ts"

/** One sentence for people, by code. */
export const CHAT_ERRORS = /** @type {const} */ ({
  closed: "The client is closed.",
  left: "You are not in this room any more.",
  room_gone: "The room was deleted.",
  signed_out: "Say who you are first.",
  offline: "There is no connection to the server.",
  disconnected: "The connection was lost before the answer came.",
  timeout: "No answer came in time.",
  unconfirmed:
    "Whether this is stored cannot be known: you are another person.",
  no_token: "No token could be had.",
  too_large: "This is longer than 64 KiB.",
  hole: "The server has left something out.",
  storage_failed: "The storage does not take any more.",
  upload_failed: "The server has not taken the file.",
});

export class ChatError extends Error {
  name = "ChatError";

  constructor(code, message, data = {}) {
    const { cause, ...told } = data;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.room = told.room;
    this.field = told.field;
    this.retryAfter = told.retryAfter;
    this.until = told.until;
    this.reason = told.reason;
  }

  static of(answer) {
    const { code, message, retry_after: retryAfter, ...data } = answer;
    return new ChatError(code, message, { ...data, retryAfter });
  }

  static local(code, data) {
    return new ChatError(code, CHAT_ERRORS[code], data);
  }
}
