/**
 * A bot for the chat rooms of this server (deno task start): joins a room, greets
 * it, and answers !time. docs/chat-protocol.md is what it speaks.
 *
 * deno run --allow-net examples/chat_bot.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { connectWebSocket } from "../mod.ts";

/** What the bot listens to of all that the server says. */
type ServerMessage =
  | { type: "welcome"; member: string }
  | { type: "joined"; room: string }
  | { type: "message"; from: { id: string; name: string }; text: string }
  | { type: "error"; message: string };

const options = parseArgs(Deno.args, { string: ["url", "room", "name"] });
const { url = "ws://127.0.0.1:8000/chat" } = options;
const { room = "lobby", name = "timebot" } = options;

await using socket = await connectWebSocket(String(url), {
  protocols: ["switchboard.chat.v1"],
});
const request = (message: object) => socket.send(JSON.stringify(message));
const say = (text: string) => request({ type: "message", room, text });

request({ type: "name", name });
request({ type: "join", room });

let self = "";
for await (const data of socket) {
  const message: ServerMessage = JSON.parse(String(data));
  if (message.type === "welcome") self = message.member;
  if (message.type === "joined") {
    console.log(`Joined ${message.room} as ${name}`);
    say("Hello! Ask me for the !time.");
  }
  if (message.type === "message" && message.from.id !== self) {
    console.log(`${message.from.name}: ${message.text}`);
    // Waits while the server is slow, and reads nothing meanwhile.
    if (message.text === "!time") await say(`It is ${new Date().toJSON()}.`);
  }
  if (message.type === "error") {
    console.log(`Refused: ${message.message}`);
    socket.close();
  }
}
const { code } = await socket.closed;
console.log(`The connection ended with ${code}`);
