/**
 * The peer: what `bench/servers/switchboard.ts` does, with Deno's own server and
 * WebSocket.
 *
 * deno run --allow-net bench/servers/deno_serve.ts --port 9002
 *
 * @module
 */

import { parseArgs } from "@std/cli";

const { port } = parseArgs(Deno.args, { string: ["port"] });
const members = new Set<WebSocket>();

Deno.serve({ port: Number(port ?? 9002), hostname: "127.0.0.1" }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  if (new URL(request.url).pathname === "/fan") {
    socket.onopen = () => members.add(socket);
    socket.onclose = () => members.delete(socket);
    socket.onmessage = ({ data }) => {
      for (const member of members) {
        if (member.readyState === WebSocket.OPEN) member.send(data);
      }
    };
  } else socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
