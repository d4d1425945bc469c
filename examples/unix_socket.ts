/**
 * A WebSocket over a unix socket: the server listens at a file, and the client
 * opens the connection by itself. Not on Windows.
 *
 * deno run --allow-net --allow-read=example.sock --allow-write=example.sock examples/unix_socket.ts
 *
 * @module
 */

import {
  connectWebSocket,
  removeStaleSocket,
  serve,
  upgradeWebSocket,
} from "../mod.ts";

const path = "example.sock";

// One that was killed has left its file there.
await removeStaleSocket(path);
await using _server = serve({ path }, (request) => {
  const { socket, response } = upgradeWebSocket(request);
  socket.forEach((message) => socket.send(message));
  return response;
});
console.log(`Listening on ${path}`);

const conn = await Deno.connect({ transport: "unix", path });
await using socket = await connectWebSocket("ws://localhost/", { conn });
socket.send("hello");
for await (const message of socket) {
  console.log(`The server says ${message}`);
  socket.close();
}
