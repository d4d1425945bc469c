import { createServer } from "node:http";
import type { Inbox } from "./_inbox.ts";
import type { Peer, PeerServer } from "./_websocket_peer.ts";

/** What `node:http` listens with. */
export type HttpServer = ReturnType<typeof createServer>;

/**
 * Starts a server of `node:http` for a library that takes its upgrades. The
 * library puts its connections into `peers`.
 */
export async function startNodeServer(
  peers: Inbox<Peer>,
  attach: (server: HttpServer) => void,
): Promise<PeerServer> {
  const server = createServer();
  attach(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}/`,
    accept: () => peers.next(),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  };
}
