/**
 * A WebSocket server that sends back what it gets.
 *
 * deno run --allow-net examples/websocket_echo.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { serve, upgradeWebSocket } from "../mod.ts";

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve({ port: Number(port ?? 8002) }, (request) => {
  const { socket, response } = upgradeWebSocket(request);
  // A client that does not read is not read either: forEach() waits for send().
  socket.forEach((message) => socket.send(message));
  socket.closed.then(({ code }) => console.log(`A client left with ${code}`));
  return response;
});

const { hostname, port: bound } = server.addr as Deno.NetAddr;
console.log(`Listening on ws://${hostname}:${bound}/`);
