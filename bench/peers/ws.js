/**
 * The peer: what `bench/servers/switchboard.ts` does, with ws on Node.
 *
 * node bench/peers/ws.js --port 9003
 *
 * @module
 */

import { parseArgs } from "node:util";
import { WebSocket, WebSocketServer } from "ws";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "9003" },
    deflate: { type: "boolean", default: false },
  },
});
const members = new Set();

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(values.port),
  perMessageDeflate: values.deflate,
});
server.on("connection", (socket, request) => {
  if (request.url !== "/fan") {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
    return;
  }
  members.add(socket);
  socket.on("close", () => members.delete(socket));
  socket.on("message", (data, binary) => {
    for (const member of members) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary });
    }
  });
});
