/**
 * The peer: what `bench/servers/switchboard.ts` does, with Bun. `/fan` is a topic,
 * Bun's own way to send to many.
 *
 * bun bench/peers/bun.js --port 9004
 *
 * @module
 */

import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "9004" },
    deflate: { type: "boolean", default: false },
  },
});

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(values.port),
  fetch(request, server) {
    const isFan = new URL(request.url).pathname === "/fan";
    if (server.upgrade(request, { data: { isFan } })) return;
    return new Response("WebSocket only", { status: 426 });
  },
  websocket: {
    perMessageDeflate: values.deflate,
    open(socket) {
      if (socket.data.isFan) socket.subscribe("fan");
    },
    message(socket, message) {
      if (socket.data.isFan) server.publish("fan", message, values.deflate);
      else socket.send(message, values.deflate);
    },
  },
});
