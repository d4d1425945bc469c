/**
 * A WebSocket client: says three things to the server of websocket_echo.ts, or
 * of another address that is given, and prints the answers.
 *
 * deno run --allow-net examples/websocket_client.ts
 *
 * @module
 */

import { connectWebSocket } from "../mod.ts";

const [url = "ws://127.0.0.1:8002/"] = Deno.args;
const questions = ["one", "two", "three"];

await using socket = await connectWebSocket(url);
console.log(`Connected to ${socket.url}`);
for (const question of questions) socket.send(question);

let answers = 0;
for await (const message of socket) {
  console.log(`The server says ${message}`);
  if (++answers === questions.length) socket.close();
}
const { wasClean } = await socket.closed;
console.log(wasClean ? "Both sides have closed" : "The connection was lost");
