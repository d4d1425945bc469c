/**
 * A server with TLS, https and wss on one port, and a client of both. Here it
 * uses a certificate that is for tests only.
 *
 * deno run --allow-net --allow-read=tests/tls examples/tls.ts
 *
 * @module
 */

import {
  connectWebSocket,
  sendRequest,
  serve,
  upgradeWebSocket,
} from "../mod.ts";

const folder = new URL("../tests/tls/", import.meta.url);
const cert = await Deno.readTextFile(new URL("cert.pem", folder));
const key = await Deno.readTextFile(new URL("key.pem", folder));

await using server = serve({ port: 0, cert, key }, (request) => {
  if (!request.headers.has("upgrade")) return new Response("hello over https");
  const { socket, response } = upgradeWebSocket(request);
  socket.forEach((message) => socket.send(message));
  return response;
});
const { port } = server.addr as Deno.NetAddr;

using conn = await Deno.connectTls({
  hostname: "localhost",
  port,
  caCerts: [cert],
});
const request = new Request(`https://localhost:${port}/`);
const response = await sendRequest(conn, request);
console.log(`https: ${await response.text()}`);

await using socket = await connectWebSocket(`wss://localhost:${port}/`, {
  caCerts: [cert],
});
socket.send("hello over wss");
for await (const message of socket) {
  console.log(`wss: ${message}`);
  socket.close();
}
