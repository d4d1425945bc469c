import { Buffer } from "node:buffer";
// @ts-types="./faye_websocket.d.ts"
import WebSocket, { type Socket } from "faye-websocket";
// @ts-types="./permessage_deflate.d.ts"
import permessageDeflate from "permessage-deflate";
import { Inbox } from "./_inbox.ts";
import { startNodeServer } from "./_node_server.ts";
import { testClients } from "./_websocket_clients.ts";
import {
  copyOf,
  type Data,
  type Implementation,
  LocalPeer,
  type Peer,
  type PeerOptions,
  type PeerServer,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";
import { testServers } from "./_websocket_servers.ts";

const FAYE: Implementation = {
  name: "npm:faye-websocket",
  pings: true,
  deflate: "both",
  closesAsWhatwg: true,
};

class FayePeer extends LocalPeer {
  readonly opened: Promise<void>;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("message", ({ data }) => this.messages.push(copyOf(data)));
    socket.on("close", ({ code, reason }) => this.end([code, reason]));
    this.opened = new Promise((resolve, reject) => {
      socket.on("open", () => resolve());
      socket.on("error", ({ message }) => reject(new Error(message)));
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  send(data: Data): void {
    this.#socket.send(typeof data === "string" ? data : Buffer.from(data));
  }

  override ping(payload: string): void {
    this.#socket.ping(payload, () => this.pongs.push(payload));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

function optionsOf({ deflate }: PeerOptions) {
  return { extensions: deflate ? [permessageDeflate] : [] };
}

async function connect(url: string, options: PeerOptions): Promise<Peer> {
  const protocols = ["other", SUBPROTOCOL];
  const peer = new FayePeer(
    new WebSocket.Client(url, protocols, optionsOf(options)),
  );
  await peer.opened;
  return peer;
}

function listen(options: PeerOptions): Promise<PeerServer> {
  const peers = new Inbox<Peer>();
  return startNodeServer(peers, (server) => {
    server.on("upgrade", async (request, socket, body) => {
      const peer = new FayePeer(
        new WebSocket(
          request,
          socket,
          body,
          [SUBPROTOCOL],
          optionsOf(options),
        ),
      );
      await peer.opened;
      peers.push(peer);
    });
  });
}

testClients({ ...FAYE, connect });
testServers({ ...FAYE, listen });
