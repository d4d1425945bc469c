import { serve } from "../../upgrade/mod.ts";
import {
  upgradeWebSocket,
  type WebSocketConn,
} from "../../upgrade/websocket/mod.ts";
import { CountingWire } from "./_counting_wire.ts";
import { Inbox } from "./_inbox.ts";
import {
  receive,
  type Register,
  registerTests,
  type WithLink,
} from "./_websocket_dialogue.ts";
import {
  type Implementation,
  type Peer,
  type PeerOptions,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";

/** A server that hands out the sockets that it has accepted. */
export class SocketServer implements AsyncDisposable {
  /** The sockets that nobody has taken yet. */
  readonly sockets: Inbox<WebSocketConn> = new Inbox();
  readonly #server: ReturnType<typeof serve>;

  /** Listens on a free port. A request without an Upgrade gets an empty page. */
  constructor({ deflate }: PeerOptions) {
    this.#server = serve({ port: 0 }, (request) => {
      if (!request.headers.has("upgrade")) {
        const headers = { "content-type": "text/html; charset=utf-8" };
        return new Response("<!doctype html>\n", { headers });
      }
      const { socket, response } = upgradeWebSocket(request, {
        protocols: [SUBPROTOCOL],
        ...(deflate && { deflate: true }),
      });
      this.sockets.push(socket);
      return response;
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.addr as Deno.NetAddr).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Registers the tests of our server with the clients of an implementation. */
export function testClients(
  implementation: Implementation & {
    readonly register?: Register;
    readonly connect: (url: string, options: PeerOptions) => Promise<Peer>;
  },
): void {
  const withLink: WithLink = async (options, dialogue) => {
    await using server = new SocketServer(options);
    using wire = new CountingWire(server.url);
    await using peer = await implementation.connect(wire.url, options);
    const ours = await server.sockets.next();
    await ours.opened;
    const sent = () => ({ peer: wire.up, ours: wire.down });
    await dialogue({ ours, peer, received: receive(ours), sent });
  };
  registerTests("upgradeWebSocket()", implementation, withLink);
}
