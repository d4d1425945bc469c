import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  deflateShared,
  MessageDeflater,
  MessageInflater,
} from "../../../upgrade/websocket/deflate.ts";
import type { DeflateParams } from "../../../upgrade/websocket/deflate_negotiation.ts";
import { WebSocketError } from "../../../upgrade/websocket/errors.ts";
import { DeflateStreams } from "./_deflate_streams.ts";

const WORDS = "time people way water word day part sound work place"
  .split(" ");

/** A message as it is drawn: what it is made of, and how long it is. */
interface Drawn {
  readonly kind: "text" | "noise" | "zeros" | "period";
  readonly size: number;
  readonly seed: number;
}

function message({ kind, size, seed }: Drawn): Uint8Array {
  let state = seed;
  const next = () => state = Math.imul(state, 0x19660d) + 0x3c6ef35f | 0;
  switch (kind) {
    case "zeros":
      return new Uint8Array(size);
    case "noise":
      return new Uint8Array(size).map(() => next() >>> 24);
    case "period": {
      const period = 1 + (seed >>> 0) % 20_000;
      return new Uint8Array(size).map((_, i) =>
        Math.imul(i % period, 0x9e3779b1) >>> 24
      );
    }
    case "text": {
      let text = "";
      while (text.length < size) {
        text += WORDS[(next() >>> 8) % WORDS.length] + " ";
      }
      return new TextEncoder().encode(text.slice(0, size));
    }
  }
}

const size = fc.oneof(
  fc.constantFrom(0, 1, 2, 1024, 65_535, 65_536, 131_072),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 131_072 }),
);

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom("text", "noise", "zeros", "period"),
  size,
  // Few seeds, so that messages resemble earlier ones.
  seed: fc.integer({ min: 1, max: 4 }),
});

function params(
  windowBits: number,
  { own, peer }: { own: boolean; peer: boolean },
): DeflateParams {
  return {
    ownNoContextTakeover: !own,
    peerNoContextTakeover: !peer,
    ownWindowBits: windowBits,
    peerWindowBits: windowBits,
  };
}

/** What a connection is set to, with the streams of a peer that fits. */
const setting = fc.record({
  windowBits: fc.integer({ min: 9, max: 15 }),
  level: fc.integer({ min: 1, max: 9 }),
  own: fc.boolean(),
  peer: fc.boolean(),
});

for (let windowBits = 9; windowBits <= 15; windowBits++) {
  for (const keeps of [true, false]) {
    const context = keeps ? "a context" : "no context";
    Deno.test(`MessageDeflater and MessageInflater speak with zlib's streams with ${context} of ${windowBits} bits`, async () => {
      const agreed = params(windowBits, { own: keeps, peer: keeps });
      const deflater = new MessageDeflater(agreed);
      const inflater = new MessageInflater(agreed);
      using peer = new DeflateStreams({
        windowBits,
        keeps: { deflate: keeps, inflate: keeps },
      });
      const drawings = fc.sample(drawn, { seed: windowBits, numRuns: 200 });
      for (const one of drawings) {
        const bytes = message(one);
        assertSame(await peer.inflate(deflater.deflate(bytes)), bytes);
        assertSame(
          inflater.inflate(await peer.deflate(bytes), bytes.length),
          bytes,
        );
      }
    });
  }
}

Deno.test("MessageDeflater and MessageInflater speak with zlib's streams in every setting", async () => {
  await fc.assert(
    fc.asyncProperty(
      setting,
      fc.array(drawn, { maxLength: 12 }),
      async ({ windowBits, level, own, peer }, drawings) => {
        const agreed = params(windowBits, { own, peer });
        const deflater = new MessageDeflater(agreed, { level });
        const inflater = new MessageInflater(agreed);
        using streams = new DeflateStreams({
          windowBits,
          level,
          keeps: { deflate: peer, inflate: own },
        });
        for (const one of drawings) {
          const bytes = message(one);
          assertSame(await streams.inflate(deflater.deflate(bytes)), bytes);
          assertSame(
            inflater.inflate(await streams.deflate(bytes), bytes.length),
            bytes,
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("MessageDeflater.deflate() and remember() keep a peer in step in any order", async () => {
  const sent = fc.record({
    drawn,
    how: fc.constantFrom("own", "shared", "plain"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 9, max: 15 }),
      fc.array(sent, { maxLength: 12 }),
      async (windowBits, messages) => {
        const agreed = params(windowBits, { own: true, peer: true });
        const deflater = new MessageDeflater(agreed);
        const inflater = new MessageInflater(agreed);
        using streams = new DeflateStreams({
          windowBits,
          keeps: { deflate: true, inflate: true },
        });
        for (const { drawn, how } of messages) {
          // What is sent as it is comes into no window, on neither side.
          if (how === "plain") continue;
          const bytes = message(drawn);
          const payload = how === "own"
            ? deflater.deflate(bytes)
            : deflateShared(bytes, { windowBits: 9, level: 6 });
          if (how === "shared") deflater.remember(bytes);
          assertSame(await streams.inflate(payload), bytes);
          assertSame(inflater.inflate(payload, bytes.length), bytes);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("MessageInflater.inflate() throws documented errors only when payloads are corrupted", () => {
  const flaw = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("flip", "cut", "insert", "repeat"),
    byte: fc.nat(255),
  });
  const small = fc.record({
    kind: fc.constantFrom<Drawn["kind"]>("text", "noise", "zeros", "period"),
    size: fc.integer({ min: 1, max: 3000 }),
    seed: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.tuple(small, fc.option(flaw)), { maxLength: 5 }),
      (keeps, messages) => {
        const agreed = params(15, { own: keeps, peer: keeps });
        const deflater = new MessageDeflater(agreed);
        const inflater = new MessageInflater(agreed);
        for (const [drawn, flaw] of messages) {
          const bytes = message(drawn);
          const payload = deflater.deflate(bytes);
          if (flaw === null) {
            assertSame(inflater.inflate(payload, 3000), bytes);
            continue;
          }
          assertDocumented(inflater, corrupt(payload, flaw));
          return;
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("MessageInflater.inflate() throws documented errors only when payloads are random", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.integer({ min: 8, max: 15 }),
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }),
      (peer, windowBits, payloads) => {
        const inflater = new MessageInflater(
          params(windowBits, { own: true, peer }),
        );
        for (const payload of payloads) {
          if (!assertDocumented(inflater, payload)) return;
        }
      },
    ),
    { numRuns: 5000 },
  );
});

/** Inflates what may be anything; says whether it could be. */
function assertDocumented(
  inflater: MessageInflater,
  payload: Uint8Array,
): boolean {
  try {
    assert(inflater.inflate(payload, 3000).length <= 3000);
    return true;
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    assert(
      error.code === "invalid_deflate" || error.code === "message_too_big",
      error.code,
    );
    return false;
  }
}

function corrupt(
  payload: Uint8Array,
  { at, kind, byte }: { at: number; kind: string; byte: number },
): Uint8Array {
  const bytes = Array.from(payload);
  const place = at % bytes.length;
  if (kind === "flip") bytes[place]! ^= byte;
  else if (kind === "cut") bytes.length = place;
  else if (kind === "insert") bytes.splice(place, 0, byte);
  else bytes.push(...bytes.slice(place));
  return Uint8Array.from(bytes);
}

// Much faster than assertEquals() for large arrays.
function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(at, -1, `They differ at ${at}`);
}
