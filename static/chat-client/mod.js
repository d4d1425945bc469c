// @ts-self-types="./mod.d.ts"

export { fullJitter } from "./backoff.js";
export { connectChat } from "./client.js";
export { CHAT_ERRORS, ChatError } from "./errors.js";
export { CHAT_PROTOCOL } from "./live_socket.js";
