/**
 * Several protocols on one port, chosen by the Upgrade field: WebSocket, foobar,
 * and plain HTTP for who asks for none.
 *
 * deno run --allow-net examples/several_protocols.ts
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { onUpgrade, serve, upgrades, upgradeWebSocket } from "../mod.ts";

/** Sends back each message. */
function echo(request: Request): Response {
  const { socket, response } = upgradeWebSocket(request);
  socket.forEach((message) => socket.send(message));
  return response;
}

/** Answers foo=bar with bar=foo. */
function foobar(request: Request): Response {
  onUpgrade(request).then(async (upgraded) => {
    using conn = upgraded;
    const text = await new Response(conn.readable).text();
    const answer = text.split("=").reverse().join("=");
    await new Blob([answer]).stream().pipeTo(conn.writable);
  }).catch((error) => console.error(error.message));
  const headers = { connection: "upgrade", upgrade: "foobar" };
  return new Response(null, { status: 101, headers });
}

const { port } = parseArgs(Deno.args, { string: ["port"] });

const server = serve(
  { port: Number(port ?? 8003) },
  upgrades({ websocket: echo, foobar }, {
    otherwise: () => new Response("Spoken here: websocket and foobar.\n"),
    // Who offers other protocols alone gets 426, and what is spoken here.
    refuseUnknown: true,
  }),
);

const { hostname, port: bound } = server.addr as Deno.NetAddr;
console.log(`Listening on http://${hostname}:${bound}/`);
