import { testClients } from "./_websocket_clients.ts";
import {
  type Data,
  type Implementation,
  LocalPeer,
  type PeerOptions,
  type PeerServer,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";
import { Inbox } from "./_inbox.ts";
import { testServers } from "./_websocket_servers.ts";

const DENO = {
  pings: false,
  deflate: "none",
  closesAsWhatwg: true,
} as const satisfies Partial<
  Implementation
>;

class DenoPeer extends LocalPeer {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) =>
      this.messages.push(
        typeof data === "string" ? data : new Uint8Array(data),
      );
    socket.onclose = ({ code, reason }) => this.end([code, reason]);
    this.opened = new Promise((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = reject;
    });
  }

  /** What it has agreed on; the sockets of a server do not tell it. */
  get protocol(): string {
    return this.#socket.protocol || SUBPROTOCOL;
  }

  send(data: Data): void {
    this.#socket.send(data);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

async function connect(url: string): Promise<DenoPeer> {
  const peer = new DenoPeer(new WebSocket(url, ["other", SUBPROTOCOL]));
  await peer.opened;
  return peer;
}

function listen(_options: PeerOptions): Promise<PeerServer> {
  const peers = new Inbox<DenoPeer>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, {
        protocol: SUBPROTOCOL,
      });
      peers.push(new DenoPeer(socket));
      return response;
    },
  );
  return Promise.resolve({
    url: `ws://127.0.0.1:${server.addr.port}/`,
    async accept() {
      const peer = await peers.next();
      await peer.opened;
      return peer;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

testClients({ ...DENO, name: "Deno's WebSocket", connect });
testServers({
  ...DENO,
  name: "Deno.serve",
  keeps: "the TCP connection, for a moment after both sides have closed",
  listen,
});
