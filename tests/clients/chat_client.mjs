// Chats with the client library on the WebSocket of Node or Bun: says what it
// hears, until it hears "bye".
//
//   node --experimental-websocket chat_client.mjs URL NAME
//   bun run chat_client.mjs URL NAME
import process from "node:process";
import { connectChat } from "../../static/chat-client/mod.js";

const [url, name] = process.argv.slice(2);
const client = connectChat(url, { identity: { name }, backoff: () => 10 });
const room = await client.join("lobby");
await room.send("here");
for await (const { from, text } of room) {
  if (from.id === client.person.id) continue;
  await room.send(`heard ${text}`);
  if (text === "bye") break;
}
await client.close();
