import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { OPCODE } from "../../../upgrade/websocket/codes.ts";
import { FrameQueue } from "../../../upgrade/websocket/frame_queue.ts";
import {
  type EncodedMessage,
  encodeMessage,
  type WebSocketData,
  WebSocketMessage,
} from "../../../upgrade/websocket/message.ts";
import {
  bytesOf,
  concat,
  decodeFrames,
  frame,
  KEY,
  pattern,
  serverFrame,
} from "./_frames.ts";

const KEY_NUMBER = KEY[0] | KEY[1] << 8 | KEY[2] << 16 | KEY[3] << 24;

/** Takes all, gives it back as the driver does, and returns a copy. */
function drain(queue: FrameQueue): Uint8Array {
  const pieces = [];
  while (queue.length > 0) {
    pieces.push(queue.take().slice());
    queue.release();
  }
  return concat(...pieces);
}

const TEXTS = [
  "",
  "a",
  "Grüße",
  // Around every change of the header's length, in one to three bytes a unit.
  ..."aé€".split("").flatMap((char) =>
    [41, 42, 62, 63, 64, 124, 125, 126, 127, 16384, 16385, 65535, 65536, 21846]
      .map((units) => char.repeat(units))
  ),
  "😀".repeat(31),
  "😀".repeat(32),
  "\ud800",
  "\udc00x".repeat(42),
];

Deno.test("pushMessage() writes every text as one final frame", () => {
  for (const text of TEXTS) {
    const queue = new FrameQueue();
    queue.pushMessage("before");
    queue.pushMessage(text);
    queue.pushMessage("after");
    const frames = concat(
      serverFrame(1, "before"),
      serverFrame(1, text),
      serverFrame(1, "after"),
    );
    assertEquals(queue.length, frames.length);
    assert(
      drain(queue).every((byte, i) => byte === frames[i]),
      `${text.length} × ${text.slice(0, 2)}`,
    );
  }
});

Deno.test("pushMessage() masks every frame when there is a masking key", () => {
  const bytes = pattern(70_000);
  const data: [WebSocketData, number, Uint8Array | string][] = [
    ...TEXTS.map((text): [string, 1, string] => [text, 1, text]),
    [bytes, 2, bytes],
    [bytes.buffer, 2, bytes],
    [new WebSocketMessage(true, bytesOf("relayed")), 1, "relayed"],
    [encodeMessage("encoded"), 1, "encoded"],
    [encodeMessage(bytes), 2, bytes],
  ];
  for (const [given, opcode, payload] of data) {
    const queue = new FrameQueue(() => KEY_NUMBER);
    queue.pushMessage(given);
    const expected = frame({ opcode, payload, key: KEY });
    assert(drain(queue).every((byte, i) => byte === expected[i]));
  }
  assertEquals(bytes, pattern(70_000), "the caller's bytes are not masked");
});

Deno.test("pushMessage() takes a new masking key when a frame is the next", () => {
  const keys = [1, -2, 0x7fffffff];
  const queue = new FrameQueue(() => keys.shift()!);
  queue.push(OPCODE.ping, bytesOf("abcd"));
  queue.pushMessage("abcd");
  queue.pushMessage(bytesOf("abcd"));
  const bytes = drain(queue);
  assertEquals(decodeFrames(bytes).map(({ payload }) => payload), [
    "abcd",
    "abcd",
    "abcd",
  ]);
  assertEquals(bytes.slice(2, 6), Uint8Array.of(1, 0, 0, 0));
  assertEquals(bytes.slice(12, 16), Uint8Array.of(0xfe, 0xff, 0xff, 0xff));
});

Deno.test("pushMessage() copies, so that bytes may change afterwards", () => {
  const bytes = pattern(100);
  const queue = new FrameQueue();
  queue.pushMessage(bytes);
  queue.pushMessage(bytes.buffer);
  queue.pushMessage(new WebSocketMessage(false, bytes));
  bytes.fill(0);
  const frame = serverFrame(2, pattern(100));
  assertEquals(drain(queue), concat(frame, frame, frame));
});

Deno.test("take() gives the very frames when only neighbours are queued", () => {
  const messages = neighbours(3);
  const queue = new FrameQueue();
  for (const message of messages) queue.pushMessage(message);
  const taken = queue.take();
  assertStrictEquals(taken.buffer, messages[0]!.frame.buffer);
  assertEquals(taken, concat(...messages.map(({ frame }) => frame)));
  assertEquals(queue.length, 0);
  queue.release();
});

Deno.test("take() joins shared frames that do not lie side by side", () => {
  const queue = new FrameQueue();
  const [first, gap, second, third] = ["a", "b", "c", "d"].map((
    text,
  ) => encodeMessage(text));
  assert(gap !== undefined);
  for (const message of [first!, second!, third!]) queue.pushMessage(message);
  assertEquals(queue.length, 9);
  const expected = concat(first!.frame, second!.frame, third!.frame);
  assertEquals(queue.take(), expected);
  assertEquals(queue.length, 0);
  queue.release();
  // What others share has not been touched or given away.
  queue.pushMessage("x".repeat(600));
  assertEquals(first!.frame, serverFrame(1, "a"));
});

Deno.test("take() joins thousands of scattered frames to few pieces", () => {
  const queue = new FrameQueue();
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 10_000; i++) {
    const message = encodeMessage(`message ${i}`);
    encodeMessage("for somebody else");
    queue.pushMessage(message);
    parts.push(message.frame);
  }
  const expected = concat(...parts);
  assertEquals(queue.length, expected.length);
  const taken: Uint8Array[] = [];
  while (queue.length > 0) {
    taken.push(queue.take().slice());
    queue.release();
  }
  assertEquals(concat(...taken), expected);
  assert(taken.length <= 4, `${taken.length} pieces`);
});

Deno.test("take() gives large shared frames without a copy", () => {
  const queue = new FrameQueue();
  const large = [1, 2].map((byte) =>
    encodeMessage(new Uint8Array(50_000).fill(byte))
  );
  for (const message of large) queue.pushMessage(message);
  for (const { frame } of large) {
    assertStrictEquals(queue.take().buffer, frame.buffer);
    queue.release();
  }
  assertEquals(queue.length, 0);
});

Deno.test("take() keeps own frames behind scattered shared ones", () => {
  const queue = new FrameQueue();
  const first = encodeMessage("a");
  encodeMessage("for somebody else");
  const second = encodeMessage("b");
  for (const message of [first, second, "own"]) queue.pushMessage(message);
  const expected = concat(first.frame, second.frame, serverFrame(1, "own"));
  assertEquals(queue.take(), expected);
});

Deno.test("take() keeps the order when shared and own frames are mixed", () => {
  const [a, b, c] = neighbours(3) as [
    EncodedMessage,
    EncodedMessage,
    EncodedMessage,
  ];
  const large = encodeMessage(pattern(100_000));
  const orders: WebSocketData[][] = [
    [a, b, "own", c],
    ["own", a, b, c],
    [a, "own", b, "own", c],
    [a, c, b],
    [b, a],
    [a, a],
    [c, large, a],
    [large, large],
    [a, b, pattern(5000), c, large, "own"],
  ];
  for (const order of orders) {
    const queue = new FrameQueue();
    for (const data of order) queue.pushMessage(data);
    const expected = concat(...order.map((data) => encodeMessage(data).frame));
    assertEquals(queue.length, expected.length);
    assertEquals(drain(queue), expected);
  }
});

Deno.test("take() leaves shared frames alone when own frames follow later", () => {
  const [a, b] = neighbours(2) as [EncodedMessage, EncodedMessage];
  const before = [a.frame.slice(), b.frame.slice()];
  const queue = new FrameQueue();
  queue.pushMessage(a);
  const taken = queue.take();
  queue.pushMessage(b);
  queue.pushMessage("own");
  queue.push(OPCODE.close, new Uint8Array(0));
  assertEquals(taken, before[0]);
  queue.release();
  assertEquals(
    drain(queue),
    concat(before[1]!, serverFrame(1, "own"), serverFrame(8)),
  );
  assertEquals([a.frame, b.frame], before);
});

Deno.test("take() gives a piece that stays as it is when more is queued before release()", () => {
  const queue = new FrameQueue();
  const others = new FrameQueue();
  queue.pushMessage(pattern(3000));
  const taken = queue.take();
  const copy = taken.slice();
  for (let i = 0; i < 50; i++) {
    queue.pushMessage(new Uint8Array(3000).fill(i));
    others.pushMessage(new Uint8Array(3000).fill(0xee));
  }
  assertEquals(taken, copy);
  queue.release();
  // What was given back is used by others; what still waits is not.
  const third = new FrameQueue();
  for (let i = 0; i < 50; i++) third.pushMessage(pattern(3000));
  assertEquals(
    decodeFrames(drain(queue)).map(({ payload }) => payload.charCodeAt(2999)),
    Array.from({ length: 50 }, (_, i) => i),
  );
  assertEquals(decodeFrames(drain(others)).length, 50);
});

Deno.test("take() gives nothing when nothing waits", () => {
  const queue = new FrameQueue();
  assertEquals(queue.length, 0);
  assertEquals(queue.take().length, 0);
  queue.release();
});

Deno.test("release() is harmless when it is called twice", () => {
  const queue = new FrameQueue();
  queue.pushMessage("one");
  queue.take();
  queue.release();
  queue.release();
  const [first, second] = [new FrameQueue(), new FrameQueue()];
  first.pushMessage("first");
  second.pushMessage("other");
  assertEquals(drain(first), serverFrame(1, "first"));
  assertEquals(drain(second), serverFrame(1, "other"));
});

Deno.test("push() makes room when what waits outgrows it, again and again", () => {
  const queue = new FrameQueue();
  const expected = [];
  for (let i = 0; i < 300; i++) {
    const payload = new Uint8Array(i * 37).fill(i);
    queue.push(OPCODE.binary, payload);
    expected.push(serverFrame(2, payload));
  }
  const frames = concat(...expected);
  assertEquals(queue.length, frames.length);
  assert(drain(queue).every((byte, i) => byte === frames[i]));
});

/** Encoded messages that lie side by side. */
function neighbours(count: number): EncodedMessage[] {
  for (;;) {
    const made = Array.from(
      { length: count },
      (_, i) => encodeMessage(`neighbour ${i}`),
    );
    if (new Set(made.map(({ frame }) => frame.buffer)).size === 1) return made;
  }
}
