import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  copyOf,
  EncodedMessage,
  encodeMessage,
  payloadLength,
  payloadOf,
  type WebSocketData,
  WebSocketMessage,
} from "../../../upgrade/websocket/message.ts";
import { pattern, serverFrame } from "./_frames.ts";

Deno.test("WebSocketMessage.text() keeps a byte order mark when there is one", () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
  assertEquals(new WebSocketMessage(true, bytes).text(), "\ufeffa");
});

Deno.test("encodeMessage() makes the frame of a server when it gets any data", () => {
  const bytes = pattern(200);
  const data: [WebSocketData, Uint8Array][] = [
    ["", serverFrame(1)],
    ["Grüße 😀", serverFrame(1, "Grüße 😀")],
    ["\ud800", serverFrame(1, "\ufffd")],
    [bytes, serverFrame(2, bytes)],
    [bytes.buffer, serverFrame(2, bytes)],
    [bytes.subarray(5, 9), serverFrame(2, bytes.subarray(5, 9))],
    [new DataView(bytes.buffer, 5, 4), serverFrame(2, bytes.subarray(5, 9))],
    [new Int16Array(bytes.buffer, 6, 2), serverFrame(2, bytes.subarray(6, 10))],
    [new SharedArrayBuffer(2), serverFrame(2, new Uint8Array(2))],
    [new WebSocketMessage(true, pattern(3)), serverFrame(1, pattern(3))],
    [new WebSocketMessage(false, pattern(3)), serverFrame(2, pattern(3))],
    [pattern(0xffff), serverFrame(2, pattern(0xffff))],
    [pattern(0x10000), serverFrame(2, pattern(0x10000))],
  ];
  for (const [given, frame] of data) {
    assertEquals(encodeMessage(given).frame, frame);
  }
});

Deno.test("encodeMessage() gives back what was encoded already", () => {
  const message = encodeMessage("once");
  assertStrictEquals(encodeMessage(message), message);
  assert(message instanceof EncodedMessage);
});

Deno.test("encodeMessage() copies, so that bytes may change afterwards", () => {
  const bytes = pattern(50);
  const message = encodeMessage(bytes);
  bytes.fill(0);
  assertEquals(message.frame, serverFrame(2, pattern(50)));
});

Deno.test("encodeMessage() never changes a frame when it makes others", () => {
  const made = Array.from({ length: 500 }, (_, i) => {
    const bytes = new Uint8Array(i * 7 % 1000).fill(i);
    return { message: encodeMessage(bytes), frame: serverFrame(2, bytes) };
  });
  for (const { message, frame } of made) assertEquals(message.frame, frame);
});

Deno.test("payloadOf() gives back what encodeMessage() was given", () => {
  assertEquals(payloadOf(encodeMessage("text")), {
    isText: true,
    bytes: new TextEncoder().encode("text"),
  });
  assertEquals(payloadOf(encodeMessage(pattern(300))), {
    isText: false,
    bytes: pattern(300),
  });
});

Deno.test("payloadOf() throws a TypeError when it is given no message", () => {
  for (const wrong of [5, undefined, null, {}, [1], new Blob(["a"])]) {
    assertThrows(() => payloadOf(wrong as string), TypeError, "Cannot send");
  }
});

Deno.test("payloadLength() and copyOf() agree with payloadOf() about any message", () => {
  const bytes = pattern(20);
  const data: WebSocketData[] = [
    "Grüße 😀\ud800",
    "",
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer, 2, 7),
    new WebSocketMessage(true, pattern(3)),
    encodeMessage("encoded"),
  ];
  for (const message of data) {
    const { isText, bytes } = payloadOf(message);
    assertEquals(payloadLength(message), bytes.length);
    const copy = payloadOf(copyOf(message));
    assertEquals([copy.isText, copy.bytes], [isText, bytes]);
  }
});

Deno.test("copyOf() stays as it is when the bytes that were given change", () => {
  const bytes = pattern(20);
  const copies = [
    copyOf(bytes),
    copyOf(bytes.buffer),
    copyOf(new WebSocketMessage(false, bytes)),
  ];
  bytes.fill(0);
  for (const copy of copies) assertEquals(payloadOf(copy).bytes, pattern(20));
});
