import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeMessage,
  WebSocketError,
  type WebSocketErrorCode,
  type WebSocketLimits,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import {
  binaryOf,
  bytesOf,
  clientFrame,
  closing,
  concat,
  decodeFrames,
  frame,
  pattern,
} from "./_frames.ts";
import { singly } from "./_feed.ts";

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9;

/** What a server that reads in pieces tells, in short. */
function read(pieces: Uint8Array[], limits: WebSocketLimits = {}): string[] {
  const protocol = new WebSocketProtocol("server", limits);
  protocol.readInPieces();
  const seen: string[] = [];
  for (const piece of pieces) seen.push(...receive(protocol, piece));
  return seen;
}

function* receive(
  protocol: WebSocketProtocol,
  piece: Uint8Array,
): Generator<string> {
  protocol.receive(piece.slice());
  for (let e = protocol.next(); e !== undefined; e = protocol.next()) {
    if (e.type === "close") yield "close";
    else if (e.type === "piece") {
      const kind = e.isText ? "text" : "binary";
      yield `${kind} ${binaryOf(e.bytes)}${e.isLast ? "." : "…"}`;
    } else yield `${e.type} ${binaryOf(e.bytes)}`;
  }
}

function assertRefuses(code: WebSocketErrorCode, act: () => unknown): void {
  assertEquals(assertThrows(act, WebSocketError).code, code);
}

Deno.test("readInPieces() gives a message in one piece as a message", () => {
  const bytes = concat(clientFrame(TEXT, "whole"), clientFrame(BINARY));
  assertEquals(read([bytes]), ["message whole", "message "]);
});

Deno.test("readInPieces() gives what comes of a message when it comes", () => {
  const bytes = clientFrame(TEXT, "abcdef");
  assertEquals(read([bytes.subarray(0, 8), bytes.subarray(8)]), [
    "text ab…",
    "text cdef.",
  ]);
  assertEquals(
    read([
      concat(
        clientFrame(BINARY, "a", 0),
        clientFrame(PING, "between"),
        clientFrame(CONTINUATION, "b", 0),
        // An empty fragment tells nothing.
        clientFrame(CONTINUATION, "", 0),
        clientFrame(CONTINUATION, "c"),
        clientFrame(TEXT, "next"),
      ),
    ]),
    ["binary a…", "ping between", "binary b…", "binary c.", "message next"],
  );
});

Deno.test("readInPieces() ends a message with an empty piece when its last frame is empty", () => {
  const frames = concat(
    clientFrame(TEXT, "", 0),
    clientFrame(CONTINUATION, "a", 0),
    clientFrame(CONTINUATION),
  );
  assertEquals(read([frames]), ["text a…", "text ."]);
  const empty = concat(clientFrame(TEXT, "", 0), clientFrame(CONTINUATION));
  assertEquals(read([empty]), ["text ."]);
});

Deno.test("readInPieces() gives every byte when they come one at a time", () => {
  const frames = concat(
    clientFrame(TEXT, "Grüße", 0),
    clientFrame(CONTINUATION, "!"),
  );
  const seen = read(singly(frames));
  const utf8 = binaryOf(new TextEncoder().encode("Grüße!"));
  assertEquals(seen, [
    ...[...utf8.slice(0, -1)].map((byte) => `text ${byte}…`),
    "text !.",
  ]);
});

Deno.test("readInPieces() gives a message that has begun before as a whole", () => {
  const protocol = new WebSocketProtocol("server");
  assertEquals(
    [...receive(protocol, clientFrame(TEXT, "a", 0))],
    [],
  );
  protocol.readInPieces();
  const rest = concat(
    clientFrame(CONTINUATION, "b", 0),
    clientFrame(CONTINUATION, "c"),
    clientFrame(TEXT, "d", 0),
  );
  assertEquals([...receive(protocol, rest)], ["message abc", "text d…"]);
});

Deno.test("readInPieces() refuses text as soon as it is no UTF-8", () => {
  const frames = (last: string, fin: 0 | 1) =>
    concat(
      clientFrame(TEXT, bytesOf("\xf0\x9f"), 0),
      clientFrame(CONTINUATION, bytesOf(last), fin),
    );
  assertRefuses("invalid_utf8", () => read([frames("\x61", 0)]));
  assertRefuses("invalid_utf8", () => read([frames("\x98", 1)]));
  assertEquals(read([frames("\x98\x80", 1)]), [
    "text \xf0\x9f…",
    "text \x98\x80.",
  ]);
});

Deno.test("readInPieces() knows no limit of a message when none is given", () => {
  const long = frame({
    opcode: BINARY,
    claims: 1n << 40n,
    key: [1, 2, 3, 4],
  });
  assertEquals(read([concat(long, Uint8Array.of(1 ^ 65))]), ["binary A…"]);
  const fragments = [clientFrame(BINARY, "", 0)];
  const chunk = concat(
    ...Array.from({ length: 1000 }, () => clientFrame(CONTINUATION, "", 0)),
  );
  for (let i = 0; i < 140; i++) fragments.push(chunk);
  assertEquals(read([...fragments, clientFrame(CONTINUATION)]), ["binary ."]);
});

Deno.test("readInPieces() keeps the limits when they are given", () => {
  const two = concat(
    clientFrame(BINARY, "abc", 0),
    clientFrame(CONTINUATION, "de"),
  );
  assertEquals(
    read([two], { maxMessageBytes: 5, maxFragments: 2, maxFrameBytes: 3 }),
    ["binary abc…", "binary de."],
  );
  assertRefuses("message_too_big", () => read([two], { maxMessageBytes: 4 }));
  assertRefuses("too_many_fragments", () => read([two], { maxFragments: 1 }));
  assertRefuses("frame_too_big", () => read([two], { maxFrameBytes: 2 }));
});

Deno.test("next() refuses a frame when it is over maxFrameBytes, and no other", () => {
  for (
    const [limits, fine] of [
      [{ maxFrameBytes: 3 }, 3],
      [{ maxFrameBytes: 200, maxMessageBytes: 100 }, 100],
    ] as const
  ) {
    const protocol = new WebSocketProtocol("server", limits);
    const bytes = pattern(fine);
    const message = concat(
      clientFrame(BINARY, bytes),
      clientFrame(PING, pattern(125)),
    );
    assertEquals([...receive(protocol, message)].length, 2);
  }
  const protocol = new WebSocketProtocol("server", { maxFrameBytes: 3 });
  assertEquals(
    [
      ...receive(
        protocol,
        concat(clientFrame(TEXT, "abc", 0), clientFrame(CONTINUATION, "def")),
      ),
    ],
    ["message abcdef"],
  );
  assertRefuses(
    "frame_too_big",
    () => [...receive(protocol, clientFrame(TEXT, "abcd"))],
  );
  assertEquals(decodeFrames(protocol.output.take()), [{
    fin: true,
    opcode: CLOSE,
    masked: false,
    payload: binaryOf(closing(1009, "The frame is over the size limit")),
  }]);
});

for (const role of ["server", "client"] as const) {
  Deno.test(`sendPiece() puts out fragments of one message when it is a ${role}`, () => {
    const protocol = new WebSocketProtocol(role);
    const send = (text: string, isText: boolean, isLast: boolean) =>
      protocol.sendPiece(bytesOf(text), { isText, isLast });
    send("a", true, false);
    protocol.ping();
    send("b".repeat(200), true, false);
    send("", true, true);
    send("only", false, true);
    send("c".repeat(70_000), false, false);
    send("d", false, true);
    const frames = decodeFrames(protocol.output.take());
    assertEquals(
      frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.length]),
      [
        [false, TEXT, 1],
        [true, PING, 0],
        [false, CONTINUATION, 200],
        [true, CONTINUATION, 0],
        [true, BINARY, 4],
        [false, BINARY, 70_000],
        [true, CONTINUATION, 1],
      ],
    );
    for (const { masked } of frames) assertEquals(masked, role === "client");
    assertEquals(frames[4]!.payload, "only");
  });
}

Deno.test("sendPiece() follows encoded messages that wait", () => {
  const protocol = new WebSocketProtocol("server");
  protocol.send(encodeMessage("shared"));
  protocol.sendPiece(bytesOf("a"), { isText: true, isLast: false });
  assertEquals(
    decodeFrames(protocol.output.take()).map(({ fin, payload }) => [
      fin,
      payload,
    ]),
    [[true, "shared"], [false, "a"]],
  );
});

Deno.test("send() throws within a message in pieces, and is fine behind it", () => {
  const protocol = new WebSocketProtocol("server");
  protocol.sendPiece(bytesOf("a"), { isText: true, isLast: false });
  assertThrows(() => protocol.send("b"), Error, "Cannot send");
  protocol.sendPiece(bytesOf("c"), { isText: true, isLast: true });
  protocol.send("d");
  const frames = decodeFrames(protocol.output.take());
  assertEquals(frames.map(({ payload }) => payload), ["a", "c", "d"]);
});

Deno.test("sendPiece() puts out nothing once a Close frame was put out", () => {
  const protocol = new WebSocketProtocol("server");
  protocol.sendPiece(bytesOf("a"), { isText: true, isLast: false });
  protocol.close(1000);
  protocol.sendPiece(bytesOf("b"), { isText: true, isLast: true });
  protocol.send("c");
  const frames = decodeFrames(protocol.output.take());
  assertEquals(frames.map(({ opcode }) => opcode), [TEXT, CLOSE]);
});

Deno.test("output.clear() forgets all that waits, and goes on", () => {
  const protocol = new WebSocketProtocol("server");
  const { output } = protocol;
  protocol.send("own");
  const taken = output.take();
  protocol.send("more");
  output.clear();
  assertEquals(output.length, 0);
  const apart = Array.from({ length: 3 }, () => {
    encodeMessage("between");
    return encodeMessage("shared");
  });
  for (const message of apart) protocol.send(message);
  output.clear();
  assertEquals(output.length, 0);
  protocol.send("last");
  assertEquals(decodeFrames(output.take())[0]!.payload, "last");
  assertEquals(decodeFrames(taken)[0]!.payload, "own");
});
