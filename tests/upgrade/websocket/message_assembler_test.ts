import { assert, assertEquals, assertThrows } from "@std/assert";
import { lendBuffer, returnBuffer } from "../../../upgrade/_buffer_pool.ts";
import { WebSocketError } from "../../../upgrade/websocket/errors.ts";
import { MessageAssembler } from "../../../upgrade/websocket/message_assembler.ts";
import { bytesOf, pattern } from "./_frames.ts";

/** Assembles a message whose pieces are each a whole frame. */
function assemble(pieces: Uint8Array[], isText = false): Uint8Array {
  const assembler = new MessageAssembler();
  assembler.begin(isText);
  for (const piece of pieces) assembler.push(piece, 0);
  return assembler.end();
}

Deno.test("MessageAssembler puts pieces of every size together", () => {
  for (const size of [1, 7, 1023, 1024, 1025, 4096, 65_537]) {
    const whole = pattern(200_000);
    const pieces = [];
    for (let at = 0; at < whole.length; at += size) {
      pieces.push(whole.subarray(at, at + size));
    }
    assertEquals(assemble(pieces), whole);
  }
});

Deno.test("MessageAssembler begins anew when one message follows another", () => {
  const assembler = new MessageAssembler();
  for (const length of [5000, 3, 0, 5000]) {
    assembler.begin(false);
    assertEquals([assembler.length, assembler.fragments], [0, 0]);
    assert(assembler.active);
    assembler.countFragment();
    assembler.push(pattern(length), 0);
    assertEquals([assembler.length, assembler.fragments], [length, 1]);
    assertEquals(assembler.end(), pattern(length));
    assert(!assembler.active);
    assembler.release();
  }
});

Deno.test("push() makes little room when a header lies about what follows", () => {
  for (const came of [1, 100, 1024, 5000, 300_000]) {
    const assembler = new MessageAssembler();
    assembler.begin(false);
    assembler.push(pattern(came), 1 << 28);
    const room = assembler.end().buffer.byteLength;
    assert(room <= Math.max(1024, came * 8), `${room} for ${came}`);
  }
});

Deno.test("push() makes room for the whole frame when a quarter of it came", () => {
  const assembler = new MessageAssembler();
  assembler.begin(false);
  assembler.push(pattern(3 << 19), 9 << 19);
  const { buffer } = assembler.end();
  assertEquals(buffer.byteLength, 12 << 19);
});

Deno.test("push() seldom moves a message when many small fragments make it large", () => {
  for (const remaining of [0, 1]) {
    const assembler = new MessageAssembler();
    assembler.begin(false);
    let room: ArrayBuffer | undefined;
    let moves = 0;
    for (let i = 0; i < 8192; i++) {
      assembler.push(new Uint8Array(1024), remaining);
      const { buffer } = assembler.end();
      if (buffer !== room) moves++;
      room = buffer;
    }
    assert(moves <= 14, `${moves} moves for 8 MiB`);
  }
});

Deno.test("push() throws invalid_utf8 when the text can no longer be valid", () => {
  const assembler = new MessageAssembler();
  assembler.begin(true);
  assembler.push(Uint8Array.of(0x61, 0xe2), 10);
  const error = assertThrows(
    () => assembler.push(Uint8Array.of(0x28), 9),
    WebSocketError,
  );
  assertEquals(error.code, "invalid_utf8");
});

Deno.test("push() takes bytes of every kind when the message is binary", () => {
  const bytes = Uint8Array.of(0xff, 0xc0, 0x80, 0xe2);
  assertEquals(assemble([bytes.subarray(0, 2), bytes.subarray(2)]), bytes);
});

Deno.test("end() throws invalid_utf8 when the text ends in a character", () => {
  const error = assertThrows(
    () => assemble([Uint8Array.of(0x61, 0xe2, 0x82)], true),
    WebSocketError,
  );
  assertEquals(error.code, "invalid_utf8");
});

Deno.test("release() keeps the bytes when the message has not ended", () => {
  const assembler = new MessageAssembler();
  assembler.begin(false);
  assembler.push(pattern(2000), 0);
  assembler.release();
  const other = lendBuffer(2048);
  other.fill(0xee);
  assembler.push(pattern(10), 0);
  assertEquals(assembler.end().subarray(0, 2000), pattern(2000));
  returnBuffer(other);
});

Deno.test("pass() judges and counts what it does not keep", () => {
  const assembler = new MessageAssembler();
  assembler.begin(true);
  assembler.pass(bytesOf("a\xf0\x9f"));
  assembler.pass(bytesOf("\x98\x80"));
  assertEquals(assembler.length, 5);
  assertEquals(assembler.end().length, 0);
  assembler.begin(true);
  assembler.pass(bytesOf("a\xf0"));
  const error = assertThrows(
    () => assembler.pass(bytesOf("b")),
    WebSocketError,
  );
  assertEquals(error.code, "invalid_utf8");
});
