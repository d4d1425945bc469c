import { assert, assertEquals } from "@std/assert";
// @ts-types="./ws.d.ts"
import { WebSocket, WebSocketServer } from "ws";
import { Inbox } from "./_inbox.ts";
import { SocketServer, testClients } from "./_websocket_clients.ts";
import { receive } from "./_websocket_dialogue.ts";
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

const WS: Implementation = {
  name: "npm:ws",
  pings: true,
  deflate: "both",
  closesAsWhatwg: false,
};

class WsPeer extends LocalPeer {
  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.on("message", (data, isBinary) => {
      this.messages.push(isBinary ? copyOf(data) : textOf(data));
    });
    socket.on("pong", (data) => this.pongs.push(textOf(data)));
    socket.on("close", (code, reason) => this.end([code, textOf(reason)]));
    // "close" follows.
    socket.on("error", () => {});
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  send(data: Data): void {
    this.socket.send(data);
  }

  override ping(payload: string): void {
    this.socket.ping(payload);
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

async function connect(
  url: string,
  { deflate }: PeerOptions,
): Promise<WsPeer> {
  const socket = new WebSocket(url, ["other", SUBPROTOCOL], {
    perMessageDeflate: deflate,
  });
  const peer = new WsPeer(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return peer;
}

async function listen({ deflate }: PeerOptions): Promise<PeerServer> {
  const peers = new Inbox<Peer>();
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: deflate,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  });
  server.on("connection", (socket) => peers.push(new WsPeer(socket)));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    accept: () => peers.next(),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => server.close(resolve)),
  };
}

testClients({ ...WS, connect });
testServers({ ...WS, listen });

Deno.test("upgradeWebSocket() joins the fragments that npm:ws sends", async () => {
  await using server = new SocketServer({ deflate: false });
  await using peer = await connect(server.url, { deflate: false });
  const ours = await server.sockets.next();
  const received = receive(ours);
  peer.socket.send("in three ", { fin: false });
  peer.socket.send("frag", { fin: false });
  peer.socket.send("ments", { fin: true });
  assertEquals(await received.next(), "in three fragments");
  peer.socket.close();
  assertEquals(await peer.closed, [1005, ""]);
  assertEquals((await ours.closed).code, 1005);
});

Deno.test("upgradeWebSocket() tells npm:ws 1009 when a message is too big", async () => {
  await using server = new SocketServer({ deflate: false });
  await using peer = await connect(server.url, { deflate: false });
  receive(await server.sockets.next());
  peer.send(new Uint8Array(4 << 20));
  assertEquals((await peer.closed)[0], 1009);
});

Deno.test("upgradeWebSocket() tells npm:ws 1007 when text is no UTF-8", async () => {
  await using server = new SocketServer({ deflate: false });
  await using peer = await connect(server.url, { deflate: false });
  receive(await server.sockets.next());
  peer.socket.send(Uint8Array.of(0xff, 0xfe), { binary: false });
  assertEquals((await peer.closed)[0], 1007);
});

Deno.test("upgradeWebSocket() refuses npm:ws with 403 when its origin is another", async () => {
  await using server = new SocketServer({ deflate: false });
  const client = new WebSocket(server.url, [], {
    origin: "https://evil.example",
  });
  const { message } = await new Promise<Error>((resolve) => {
    client.on("error", resolve);
  });
  assert(message.includes("403"), message);
});

Deno.test("WebSocketConn.closed tells 1006 when npm:ws vanishes", async () => {
  await using server = new SocketServer({ deflate: false });
  await using peer = await connect(server.url, { deflate: false });
  const ours = await server.sockets.next();
  receive(ours);
  peer.socket.terminate();
  assertEquals((await ours.closed).code, 1006);
});
