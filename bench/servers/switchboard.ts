/**
 * The server that is measured: `/echo` echoes, `/fan` sends every message to
 * every connection.
 *
 * deno run --allow-net bench/servers/switchboard.ts --port 9001 [--deflate]
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import {
  encodeMessage,
  serve,
  upgradeWebSocket,
  type WebSocketConn,
} from "../../mod.ts";

const { port, deflate } = parseArgs(Deno.args, {
  string: ["port"],
  boolean: ["deflate"],
});
const options = { maxMessageBytes: 64 << 20, deflate: deflate === true };
const members = new Set<WebSocketConn>();

serve({ port: Number(port ?? 9001) }, (request) => {
  const { socket, response } = upgradeWebSocket(request, options);
  if (new URL(request.url).pathname === "/fan") {
    members.add(socket);
    socket.closed.then(() => members.delete(socket));
    socket.forEach((message) => {
      const encoded = encodeMessage(message);
      for (const member of members) member.send(encoded);
    });
  } else socket.forEach((message) => socket.send(message));
  return response;
});
