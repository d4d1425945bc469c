/**
 * A bot for the chat rooms of this server (deno task start): joins a room, greets
 * it, and answers !time. It comes back when the connection is lost, and misses
 * nothing.
 *
 * deno run --allow-net examples/chat_bot.ts --room lobby --name timebot
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { connectChat } from "../static/chat-client/mod.js";

const options = parseArgs(Deno.args, { string: ["url", "room", "name"] });
const { url = "ws://127.0.0.1:8000/chat" } = options;
const { room: roomName = "lobby", name = "timebot" } = options;

const client = connectChat(String(url), { identity: { name: String(name) } });
client.on("status", (status) => {
  const isLost = status.state === "offline";
  console.log(isLost ? `offline: ${status.reason}` : status.state);
});
client.on("error", (error) => console.error(error.message));

const room = await client.join(String(roomName));
console.log(`Joined ${room.name}, where ${room.count} are`);
await room.send("Hello! Ask me for the !time.");

for await (const { offset, from, text } of room) {
  if (from.id === client.person?.id) continue;
  console.log(`${from.name}: ${text}`);
  if (text === "!time") {
    await room.send(`It is ${new Date().toJSON()}.`, { replyTo: offset });
  }
}
