/**
 * A WebSocket through a forward proxy, all three in one file: the server, the
 * proxy, and the client.
 *
 * deno run --allow-net examples/websocket_through_proxy.ts
 *
 * @module
 */

import { createTunnel } from "../handlers/tunnel.ts";
import { connectWebSocket, serve, upgradeWebSocket } from "../mod.ts";

await using server = serve({ port: 0 }, (request) => {
  const { socket, response } = upgradeWebSocket(request);
  socket.forEach((message) => socket.send(message));
  return response;
});
const { port } = server.addr as Deno.NetAddr;

const tunnel = createTunnel({
  allow: [`127.0.0.1:${port}`],
  allowPrivate: ["127.0.0.0/8"],
});
await using proxy = serve({ port: 0 }, (request, info) => {
  const { host } = new URL(request.url);
  console.log(`The proxy is asked for ${request.method} ${host}`);
  return tunnel(request, info);
});
const { port: proxyPort } = proxy.addr as Deno.NetAddr;

await using socket = await connectWebSocket(`ws://127.0.0.1:${port}/`, {
  proxy: { url: `http://127.0.0.1:${proxyPort}` },
});
socket.send("hello");
for await (const message of socket) {
  console.log(`The server says ${message}`);
  socket.close();
}
