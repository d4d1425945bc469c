import { testClients } from "./_websocket_clients.ts";
import { SUBPROTOCOL } from "./_websocket_peer.ts";
import { connectProcess } from "./_websocket_process.ts";

const SCRIPT = new URL("websocket_client.mjs", import.meta.url).pathname;

testClients({
  name: "Node's WebSocket",
  pings: false,
  deflate: "inflates",
  closesAsWhatwg: true,
  connect: (url) =>
    connectProcess("node", [
      // Node 20 has it only so.
      "--experimental-websocket",
      "--no-warnings",
      SCRIPT,
      url,
      "other",
      SUBPROTOCOL,
    ]),
});
