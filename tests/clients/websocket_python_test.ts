import { testClients } from "./_websocket_clients.ts";
import {
  type Implementation,
  type PeerOptions,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";
import { connectProcess, listenProcess } from "./_websocket_process.ts";
import { testServers } from "./_websocket_servers.ts";

// Debian's package is for Debian's Python, which need not be first on the path.
const PYTHON = "/usr/bin/python3";
const SCRIPT = new URL("websocket_peer.py", import.meta.url).pathname;

const WEBSOCKETS: Implementation = {
  name: "Python's websockets",
  pings: true,
  deflate: "both",
  closesAsWhatwg: false,
};

function argumentsFor(
  role: "connect" | "listen",
  { url = "-", deflate }: PeerOptions & { readonly url?: string },
): string[] {
  return ["-I", SCRIPT, role, url, deflate ? "deflate" : "plain"];
}

testClients({
  ...WEBSOCKETS,
  connect: (url, options) =>
    connectProcess(PYTHON, [
      ...argumentsFor("connect", { url, ...options }),
      "other",
      SUBPROTOCOL,
    ]),
});
testServers({
  ...WEBSOCKETS,
  listen: (options) =>
    listenProcess(PYTHON, [...argumentsFor("listen", options), SUBPROTOCOL]),
});
