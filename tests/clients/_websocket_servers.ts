import { connectWebSocket } from "../../upgrade/websocket/mod.ts";
import { CountingWire } from "./_counting_wire.ts";
import {
  receive,
  registerTests,
  type WithLink,
} from "./_websocket_dialogue.ts";
import {
  type Implementation,
  type PeerOptions,
  type PeerServer,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";

/** Registers the tests of our client with the servers of an implementation. */
export function testServers(
  implementation: Implementation & {
    readonly listen: (options: PeerOptions) => Promise<PeerServer>;
  },
): void {
  const withLink: WithLink = async (options, dialogue) => {
    await using server = await implementation.listen(options);
    using wire = new CountingWire(server.url);
    const [ours, accepted] = await Promise.all([
      connectWebSocket(wire.url, {
        protocols: ["other", SUBPROTOCOL],
        ...(options.deflate && { deflate: true }),
      }),
      server.accept(),
    ]);
    await using peer = accepted;
    const sent = () => ({ peer: wire.down, ours: wire.up });
    await dialogue({ ours, peer, received: receive(ours), sent });
  };
  registerTests("connectWebSocket()", implementation, withLink);
}
