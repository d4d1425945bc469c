import { Buffer } from "node:buffer";
// @ts-types="./websocket.d.ts"
import library, { type Connection } from "websocket";
import { Inbox } from "./_inbox.ts";
import { startNodeServer } from "./_node_server.ts";
import { testClients } from "./_websocket_clients.ts";
import {
  copyOf,
  type Data,
  type Implementation,
  LocalPeer,
  type Peer,
  type PeerServer,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";
import { testServers } from "./_websocket_servers.ts";

const WEBSOCKET: Implementation = {
  name: "npm:websocket",
  pings: true,
  deflate: "none",
  closesAsWhatwg: false,
};

// What it says of 1000 itself when there is no reason.
const NO_REASON = "Normal connection closure";
// Otherwise its server takes no frame of 100 kB.
const MAX_FRAME = 1 << 20;

class WebSocketPeer extends LocalPeer {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.on("message", (message) => {
      this.messages.push(
        message.type === "utf8" ? message.utf8Data : copyOf(message.binaryData),
      );
    });
    connection.on("pong", (payload) => {
      this.pongs.push(new TextDecoder().decode(Uint8Array.from(payload)));
    });
    connection.on("close", (code, reason) => {
      this.end([code, reason === NO_REASON ? "" : reason]);
    });
  }

  get protocol(): string {
    return this.#connection.protocol;
  }

  send(data: Data): void {
    if (typeof data === "string") this.#connection.sendUTF(data);
    else this.#connection.sendBytes(Buffer.from(data));
  }

  override ping(payload: string): void {
    this.#connection.ping(Buffer.from(payload));
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason);
  }
}

function connect(url: string): Promise<Peer> {
  const client = new library.client();
  return new Promise((resolve, reject) => {
    client.on("connect", (connection) => {
      resolve(new WebSocketPeer(connection));
    });
    client.on("connectFailed", reject);
    client.connect(url, ["other", SUBPROTOCOL]);
  });
}

function listen(): Promise<PeerServer> {
  const peers = new Inbox<Peer>();
  return startNodeServer(peers, (httpServer) => {
    const server = new library.server({
      httpServer,
      maxReceivedFrameSize: MAX_FRAME,
    });
    server.on("request", (request) => {
      peers.push(new WebSocketPeer(request.accept(SUBPROTOCOL)));
    });
  });
}

testClients({ ...WEBSOCKET, connect });
testServers({ ...WEBSOCKET, listen });
