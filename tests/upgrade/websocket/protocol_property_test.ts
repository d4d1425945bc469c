import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Role } from "../../../upgrade/websocket/frame_parser.ts";
import {
  WebSocketError,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import { feed, receive, type SeenEvent } from "./_feed.ts";
import { binaryOf, concat, frame, KEY } from "./_frames.ts";

type Said =
  | { kind: "text"; text: string }
  | { kind: "binary" | "ping"; bytes: Uint8Array };

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({
    kind: fc.constant("text" as const),
    text: fc.string({ unit: "binary", maxLength: 200 }),
  }),
  fc.record({
    kind: fc.constant("binary" as const),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 65_530, max: 65_540 }).map((n) => new Uint8Array(n)),
    ),
  }),
  fc.record({
    kind: fc.constant("ping" as const),
    bytes: fc.uint8Array({ maxLength: 125 }),
  }),
);

const cutSizes = fc.array(fc.integer({ min: 1, max: 400 }), {
  minLength: 1,
  maxLength: 20,
});

/** Cuts bytes into pieces of the given sizes, again and again. */
function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const pieces = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function take(protocol: WebSocketProtocol): Uint8Array {
  const bytes = protocol.output.take().slice();
  protocol.output.release();
  return bytes;
}

function expected(all: Said[]): SeenEvent[] {
  return all.map((one) =>
    one.kind === "text"
      ? { text: one.text }
      : one.kind === "binary"
      ? { binary: binaryOf(one.bytes) }
      : { ping: binaryOf(one.bytes) }
  );
}

function say(protocol: WebSocketProtocol, one: Said): void {
  if (one.kind === "text") protocol.send(one.text);
  else if (one.kind === "binary") protocol.send(one.bytes);
  else protocol.ping(one.bytes);
}

Deno.test("WebSocketProtocol receives what another sent, both ways, however it is cut", () => {
  fc.assert(fc.property(
    fc.constantFrom<Role>("client", "server"),
    fc.array(said, { maxLength: 12 }),
    cutSizes,
    (role, all, sizes) => {
      const sender = new WebSocketProtocol(role);
      const receiver = new WebSocketProtocol(
        role === "client" ? "server" : "client",
      );
      for (const one of all) say(sender, one);
      const events = [];
      for (const piece of cut(take(sender), sizes)) {
        events.push(...receive(receiver, piece));
      }
      assertEquals(events, expected(all));
      // Every ping is answered with its payload, in order.
      const pongs = [...receive(sender, take(receiver))];
      const pings = all.filter(({ kind }) => kind === "ping");
      assertEquals(
        pongs,
        pings.map((one) => ({
          pong: binaryOf((one as { bytes: Uint8Array }).bytes),
        })),
      );
    },
  ));
});

Deno.test("WebSocketProtocol joins what was fragmented anywhere", () => {
  fc.assert(fc.property(
    fc.array(
      fc.record({
        isText: fc.boolean(),
        text: fc.string({ unit: "binary", maxLength: 60 }),
        sizes: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }),
      }),
      { maxLength: 6 },
    ),
    cutSizes,
    (messages, sizes) => {
      const frames = messages.flatMap(({ isText, text, sizes }) => {
        let rest = new TextEncoder().encode(text);
        let opcode = isText ? 1 : 2;
        const made = [];
        for (const size of sizes) {
          const payload = rest.subarray(0, size);
          made.push(frame({ fin: 0, opcode, payload, key: KEY }));
          rest = rest.subarray(size);
          opcode = 0;
        }
        return [...made, frame({ opcode, payload: rest, key: KEY })];
      });
      const { events, error } = feed("server", cut(concat(...frames), sizes));
      assertEquals(error, undefined);
      assertEquals(
        events,
        messages.map(({ isText, text }) =>
          isText
            ? { text }
            : { binary: binaryOf(new TextEncoder().encode(text)) }
        ),
      );
    },
  ));
});

Deno.test("WebSocketProtocol throws documented errors only, at the same place however it is cut", () => {
  const frames = fc.array(
    fc.record({
      fin: fc.constantFrom(0 as const, 1 as const),
      rsv: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(7)),
      opcode: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) },
        fc.nat(15),
      ),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 130 }),
        fc.string({ maxLength: 20 }),
      ),
      lengthBits: fc.constantFrom(7 as const, 16 as const, 64 as const),
      masked: fc.oneof(
        { weight: 20, arbitrary: fc.constant(true) },
        fc.boolean(),
      ),
    }).map(({ masked, lengthBits, ...fields }) => {
      const { length } = fields.payload;
      const bits = length > 125 && lengthBits === 7 ? 16 : lengthBits;
      return frame({
        ...fields,
        ...(masked && { key: KEY }),
        ...(bits !== 7 && length % 3 === 0 && { lengthBits: bits }),
      });
    }),
    { maxLength: 10 },
  );
  const garbage = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(
      fc.oneof(frames.map((all) => concat(...all)), garbage),
      cutSizes,
      (bytes, sizes) => {
        const limits = { maxMessageBytes: 300, maxFragments: 4 };
        // Anything but a WebSocketError is thrown on by feed().
        const whole = feed("server", [bytes], limits);
        assertEquals(feed("server", cut(bytes, sizes), limits), whole);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("WebSocketProtocol.next() throws a WebSocketError once when bytes are random", () => {
  fc.assert(fc.property(
    fc.constantFrom<Role>("client", "server"),
    fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
    (role, pieces) => {
      const protocol = new WebSocketProtocol(role);
      let thrown = 0;
      for (const piece of pieces) {
        try {
          for (const _ of receive(protocol, piece));
        } catch (error) {
          if (!(error instanceof WebSocketError)) throw error;
          thrown++;
        }
      }
      assertEquals(thrown <= 1, true);
      if (thrown === 1) assertEquals(protocol.closeSent, true);
    },
  ));
});
