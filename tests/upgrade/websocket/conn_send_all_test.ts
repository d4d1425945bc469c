import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  encodeMessage,
  joinMessages,
  WebSocketConn,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import { bytesOf, decodeFrames, serverFrame } from "./_frames.ts";
import { pair } from "./_peer.ts";

const TEXT = 1, CLOSE = 8;

/** Some messages that are sent together. */
function joined(...texts: string[]) {
  return joinMessages(texts.map((text) => encodeMessage(text)));
}

Deno.test("joinMessages() makes one piece of frames without a copy when they lie side by side", () => {
  const messages = ["one", "two", "three"].map((text) => encodeMessage(text));
  const { frames } = joinMessages(messages);
  assertEquals(
    frames,
    Uint8Array.of(
      ...serverFrame(TEXT, "one"),
      ...serverFrame(TEXT, "two"),
      ...serverFrame(TEXT, "three"),
    ),
  );
  assert(frames.buffer === messages[0]!.frame.buffer);
});

Deno.test("joinMessages() makes one piece of frames that lie apart, in the order in which they are given", () => {
  const [first, second, third] = ["1", "2", "3"].map((text) =>
    encodeMessage(text)
  );
  const large = encodeMessage("l".repeat(0x10000));
  for (
    const messages of [[second!, first!], [first!, third!], [
      first!,
      large,
      second!,
    ]]
  ) {
    assertEquals(
      joinMessages(messages).frames,
      Uint8Array.from(messages.flatMap(({ frame }) => [...frame])),
    );
  }
  assertEquals(joinMessages([]).frames.length, 0);
});

Deno.test("sendAll() sends all messages in order, among others", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.send("before");
  assertEquals(socket.sendAll(joined("a", "b")), undefined);
  assertEquals(socket.sendAll(joined()), undefined);
  assertEquals(socket.sendAll(joined("c")), undefined);
  socket.send("behind");
  for (const text of ["before", "a", "b", "c", "behind"]) {
    assertEquals(await peer.read(), [TEXT, text]);
  }
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("sendAll() sends its messages behind a stream that is being sent", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  socket.send(readable);
  assertEquals(socket.sendAll(joined("a", "b")), undefined);
  await writer.write("stream");
  assertEquals(await peer.read(), [TEXT, "stream"]);
  await writer.close();
  assertEquals(await peer.read(), [0, ""]);
  assertEquals(await peer.read(), [TEXT, "a"]);
  assertEquals(await peer.read(), [TEXT, "b"]);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("sendAll() asks to wait as send() does, and drops what is sent after the end", async () => {
  await using connected = await pair({ maxBufferedBytes: 1000 });
  const { socket, peer } = connected;
  assert(
    socket.sendAll(joined("a".repeat(600), "b".repeat(600))) !== undefined,
  );
  assertEquals((await peer.read())[1].length, 600);
  assertEquals((await peer.read())[1].length, 600);
  socket.close();
  assertEquals(socket.sendAll(joined("c")), undefined);
  assertEquals((await peer.read())[0], CLOSE);
  await peer.send(CLOSE);
  await socket.closed;
  assertEquals(socket.readyState, WebSocketConn.CLOSED);
});

Deno.test("WebSocketProtocol.sendAll() puts out what send() of each would, as each role", () => {
  for (const role of ["server", "client"] as const) {
    const protocol = new WebSocketProtocol(role);
    protocol.sendAll(joined("a", "b"));
    const frames = decodeFrames(protocol.output.take());
    assertEquals(frames.map(({ payload }) => payload), ["a", "b"]);
    assertEquals(
      frames.map(({ masked }) => masked),
      Array(2).fill(role === "client"),
    );
    protocol.close();
    const { length } = protocol.output;
    protocol.sendAll(joined("c"));
    assertEquals(protocol.output.length, length);
  }
});

Deno.test("WebSocketProtocol.sendAll() throws within a message in pieces", () => {
  const protocol = new WebSocketProtocol("server");
  protocol.sendPiece(bytesOf("a"), { isText: true, isLast: false });
  assertThrows(() => protocol.sendAll(joined("b")), Error, "Cannot send");
});
