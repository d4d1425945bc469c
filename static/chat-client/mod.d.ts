/**
 * A client of Switchboard's chat, for browsers, Deno, Node and Bun. It has no
 * dependencies, and needs no build step.
 *
 * It connects again after every loss, gets what it has missed, and sends what it
 * was told to send once, in order.
 *
 * ```js
 * import { connectChat } from "@switchboard/switchboard/chat-client";
 *
 * const client = connectChat("ws://localhost:8000/chat", {
 *   identity: { name: "Ana" },
 * });
 * const room = await client.join("lobby");
 * room.on("message", ({ from, text }) => console.log(from.name, text));
 * await room.send("Hello!");
 * ```
 *
 * @module
 */

import type { ChatClient, ChatOptions } from "./types.d.ts";

export type * from "./types.d.ts";
export type * from "./wire.d.ts";
export * from "./errors.d.ts";

/** The subprotocol that the client speaks: `switchboard.chat.v1`. */
export declare const CHAT_PROTOCOL: "switchboard.chat.v1";

/**
 * Connects to the chat at a URL, which may be relative in a browser. It returns
 * at once, and tries until it is closed.
 */
export declare function connectChat(
  url: string | URL,
  options?: ChatOptions,
): ChatClient;

/**
 * How long to wait before the next attempt to connect, in milliseconds:
 * somewhere between nothing and a bound that begins at 0.5 s, doubles with each
 * failure, and stays at 30 s. So the clients of a restarted server come back
 * spread out.
 *
 * @param failures How many attempts have failed in a row, 0 at first.
 * @param random From 0 up to but not including 1. Default: `Math.random`.
 */
export declare function fullJitter(
  failures: number,
  random?: () => number,
): number;
