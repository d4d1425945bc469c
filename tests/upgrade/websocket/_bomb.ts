// Inflates a bomb 600 times and prints what the second half came to. A process
// of its own, since memory is counted for a whole process.
import {
  deflateShared,
  MessageInflater,
} from "../../../upgrade/websocket/deflate.ts";
import { WebSocketError } from "../../../upgrade/websocket/errors.ts";

const MIB = 1 << 20;
const ROUNDS = 300;
const collectGarbage = (globalThis as unknown as { gc(): void }).gc;
const bomb = deflateShared(new Uint8Array(100 * MIB), {
  windowBits: 15,
  level: 9,
});

function inflate(): string {
  const inflater = new MessageInflater({
    ownNoContextTakeover: false,
    peerNoContextTakeover: false,
    ownWindowBits: 15,
    peerWindowBits: 15,
  });
  try {
    inflater.inflate(bomb, MIB);
    return "none";
  } catch (error) {
    return error instanceof WebSocketError ? error.code : `${error}`;
  }
}

for (let i = 0; i < ROUNDS; i++) inflate();
collectGarbage();
const before = Deno.memoryUsage().rss;
const start = performance.now();
const codes = new Set<string>();
for (let i = 0; i < ROUNDS; i++) codes.add(inflate());
const milliseconds = (performance.now() - start) / ROUNDS;
collectGarbage();
const grownMiB = (Deno.memoryUsage().rss - before) / MIB;
console.log(
  JSON.stringify({
    bomb: bomb.length,
    codes: [...codes],
    milliseconds,
    grownMiB,
  }),
);
