import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Act, type Agreed, ModelSide } from "./_model.ts";

const words = fc.array(
  fc.constantFrom("room", "Grüße", "世界", "😀", "message", " "),
  { maxLength: 60 },
).map((all) => all.join(" "));

const text = fc.oneof(words, fc.string({ unit: "binary", maxLength: 200 }));

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(fc.nat(255), fc.constantFrom(126, 4000, 65_535, 65_536))
    .map(([byte, length]) => new Uint8Array(length).fill(byte)),
);

const sending: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constantFrom("text", "encoded"), text }),
  fc.record({ act: fc.constant("binary"), bytes }),
  fc.record({
    act: fc.constant("ping"),
    bytes: fc.uint8Array({ maxLength: 125 }),
  }),
  fc.record({ act: fc.constant("piece"), text, isLast: fc.boolean() }),
);

const delivering: fc.Arbitrary<Act> = fc.record({
  act: fc.constant("deliver"),
  most: fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 5000 }),
    fc.constant(Infinity),
  ),
});

const closing: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    act: fc.constant("close"),
    code: fc.oneof(
      fc.constantFrom(1000, 1001, 1011, 1014),
      fc.integer({ min: 3000, max: 4999 }),
    ),
    reason: fc.string({ unit: "grapheme", maxLength: 8 }),
  }),
  fc.constant<Act>({ act: "close", code: undefined, reason: "" }),
);

const fault: fc.Arbitrary<Act> = fc.record({
  act: fc.constant("fault"),
  kind: fc.constantFrom("flip", "cut", "insert"),
  at: fc.nat(),
  bytes: fc.oneof(
    fc.integer({ min: 0, max: 7 }).map((bit) => Uint8Array.of(1 << bit)),
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
  ),
});

const windowBits = fc.integer({ min: 9, max: 15 });

const agreed: fc.Arbitrary<Agreed | undefined> = fc.option(
  fc.record({
    params: fc.record({
      ownNoContextTakeover: fc.boolean(),
      peerNoContextTakeover: fc.boolean(),
      ownWindowBits: windowBits,
      peerWindowBits: windowBits,
    }),
    options: fc.record({
      threshold: fc.constantFrom(0, 20, 512),
      level: fc.integer({ min: 1, max: 9 }),
    }),
  }),
  { nil: undefined },
);

/** What both sides do, one after the other. */
function acts(one: fc.Arbitrary<Act>): fc.Arbitrary<[boolean, Act][]> {
  return fc.array(fc.tuple(fc.boolean(), one), { maxLength: 60, size: "max" });
}

/** Lets two sides do all that, delivers what is left, and looks at the end. */
function play(
  agreed: Agreed | undefined,
  all: readonly [byServer: boolean, act: Act][],
): { server: ModelSide; client: ModelSide } {
  const server = new ModelSide("server", agreed);
  const client = new ModelSide("client", agreed && mirrored(agreed));
  for (const [byServer, act] of all) {
    if (byServer) server.act(act, client);
    else client.act(act, server);
  }
  while (!server.isQuiet || !client.isQuiet) {
    server.deliver(client);
    client.deliver(server);
  }
  server.assertEnd(client);
  client.assertEnd(server);
  return { server, client };
}

/** The same agreement as the other side sees it. */
function mirrored({ params, options }: Agreed): Agreed {
  return {
    options,
    params: {
      ownNoContextTakeover: params.peerNoContextTakeover,
      peerNoContextTakeover: params.ownNoContextTakeover,
      ownWindowBits: params.peerWindowBits,
      peerWindowBits: params.ownWindowBits,
    },
  };
}

Deno.test("two WebSocketProtocols see all that the other said when nothing is damaged", () => {
  const act = fc.oneof(
    { weight: 20, arbitrary: sending },
    { weight: 10, arbitrary: delivering },
    { weight: 1, arbitrary: closing },
  );
  fc.assert(
    fc.property(agreed, acts(act), (agreed, all) => {
      const { server, client } = play(agreed, all);
      assertEquals([server.error, client.error], [undefined, undefined]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("two WebSocketProtocols see what the other said or end with a documented error when bytes are damaged", () => {
  const act = fc.oneof(
    { weight: 20, arbitrary: sending },
    { weight: 10, arbitrary: delivering },
    { weight: 4, arbitrary: fault },
    { weight: 1, arbitrary: closing },
  );
  const codes = new Set<string>();
  fc.assert(
    fc.property(agreed, acts(act), (agreed, all) => {
      const { server, client } = play(agreed, all);
      for (const { error } of [server, client]) {
        if (error !== undefined) codes.add(error.code);
      }
    }),
    { numRuns: 1500 },
  );
  // Without errors it would have shown nothing.
  assert(codes.size >= 5, [...codes].join());
});
