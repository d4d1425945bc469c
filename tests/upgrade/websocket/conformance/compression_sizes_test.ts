import {
  agreed,
  assertCompressed,
  compressed,
  COUNT,
  DIRECTIONS,
  echoed,
  messages,
  nameOf,
  SIZES,
} from "./_compression.ts";
import { assertSame } from "./_conversation.ts";

// What a side puts out depends on its own direction alone: it is inflated once
// for each, by zlib, and then has to be the same with every direction of the peer.
for (const size of SIZES) {
  Deno.test(`a server echoes 1,000 messages of ${size} bytes with all parameters of both sides`, async () => {
    const all = messages(COUNT, [size]);
    // Small enough for a message to be a few of them.
    const frameBytes = Math.max(10, size >> 4);
    const said: [name: string, bytes: Uint8Array][] = [];
    for (const peer of DIRECTIONS) {
      const bytes = await compressed("server", all, { ...peer, frameBytes });
      said.push([nameOf(peer), bytes]);
    }
    for (const own of DIRECTIONS) {
      let first: Uint8Array | undefined;
      for (let i = 0; i < DIRECTIONS.length; i++) {
        const [name, bytes] = said[i]!;
        const came = echoed("server", bytes, agreed(own, DIRECTIONS[i]!));
        if (first === undefined) await assertCompressed(came, all, own);
        first ??= came;
        assertSame(came, first, `${nameOf(own)}, the client has ${name}`);
      }
    }
  });
}
