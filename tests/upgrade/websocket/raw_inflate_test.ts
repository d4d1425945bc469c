import { assertEquals, assertThrows } from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import {
  WebSocketError,
  type WebSocketErrorCode,
} from "../../../upgrade/websocket/errors.ts";
import { inflateRaw } from "../../../upgrade/websocket/raw_inflate.ts";
import { concat, pattern } from "./_frames.ts";

const NOTHING = new Uint8Array(0);

/** Compresses as a message is sent. */
function flushed(payload: Uint8Array): Uint8Array {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return deflateRawSync(payload, { finishFlush }).subarray(0, -4);
}

function assertFails(
  data: Uint8Array,
  code: WebSocketErrorCode,
  { history = NOTHING, maxBytes = 0x10000 } = {},
): void {
  const error = assertThrows(
    () => inflateRaw(data, { history, maxBytes }),
    WebSocketError,
  );
  assertEquals(error.code, code);
}

Deno.test("inflateRaw() gives what was compressed when there are as many bytes as may be", () => {
  for (const size of [0, 1, 100, 1023, 1024, 1025, 65_536, 300_000]) {
    const payload = pattern(size);
    const data = flushed(payload);
    for (const maxBytes of [size, size + 1, Infinity]) {
      const { bytes, consumed } = inflateRaw(data, {
        history: NOTHING,
        maxBytes,
      });
      assertEquals(bytes, payload);
      assertEquals(consumed, data.length);
    }
  }
});

Deno.test("inflateRaw() throws message_too_big when one byte more comes out than may", () => {
  for (const history of [NOTHING, pattern(256), pattern(32_768)]) {
    for (const size of [1, 2, 1024, 1025, 65_537, 300_000]) {
      const data = flushed(pattern(size));
      assertFails(data, "message_too_big", { history, maxBytes: size - 1 });
    }
  }
});

Deno.test("inflateRaw() gives plain bytes, no Buffer", () => {
  const { bytes } = inflateRaw(flushed(pattern(10)), {
    history: NOTHING,
    maxBytes: 10,
  });
  assertEquals(Object.getPrototypeOf(bytes), Uint8Array.prototype);
});

Deno.test("inflateRaw() follows references into the history, up to 32 KiB back", () => {
  // A match of 3 bytes (code 257) at the farthest distance (code 29, 8192 more
  // in 13 bits), in a block of fixed codes, and an empty stored block.
  const bits = "010" + "0000001" + "11101" + "1".repeat(13) + "0000000" + "000";
  const data = new Uint8Array(Math.ceil(bits.length / 8));
  // The header is 0, then 01 with its low bit first.
  const first = "0" + "10" + bits.slice(3);
  for (let i = 0; i < first.length; i++) {
    if (first[i] === "1") data[i >> 3] = data[i >> 3]! | 1 << (i & 7);
  }
  const history = pattern(32_768);
  assertEquals(
    inflateRaw(data, { history, maxBytes: 3 }).bytes,
    history.slice(0, 3),
  );
  assertFails(data, "invalid_deflate", { history: history.subarray(1) });
});

Deno.test("inflateRaw() stops behind a final block", () => {
  const data = concat(deflateRawSync(pattern(100_000)), flushed(pattern(10)));
  const { bytes, consumed } = inflateRaw(data, {
    history: pattern(1000),
    maxBytes: 100_000,
  });
  assertEquals(bytes, pattern(100_000));
  assertEquals(
    inflateRaw(data.subarray(consumed), {
      history: NOTHING,
      maxBytes: 10,
    }).bytes,
    pattern(10),
  );
});

Deno.test("inflateRaw() throws invalid_deflate when the data is cut anywhere", () => {
  const text = new TextEncoder().encode(
    "Hello, hello, hello world! ".repeat(9),
  );
  for (const data of [flushed(text), flushed(pattern(500))]) {
    for (let length = 0; length < data.length; length++) {
      assertFails(data.subarray(0, length), "invalid_deflate");
    }
  }
});

Deno.test("inflateRaw() throws invalid_deflate when a stored block is cut", () => {
  const data = Uint8Array.of(0, 5, 0, 0xfa, 0xff, 72, 101, 108, 108, 111, 0);
  // The first byte alone is an empty message. And RFC 7692 §7.2.2 has 4 bytes
  // appended, which stand in for the last 4 of the block if just these are gone.
  for (const length of [0, 2, 3, 4, 5, 7, 8, 9, 10]) {
    assertFails(data.subarray(0, length), "invalid_deflate");
  }
});

Deno.test("inflateRaw() throws invalid_deflate when a final block is cut anywhere", () => {
  const text = new TextEncoder().encode(
    "Hello, hello, hello world! ".repeat(9),
  );
  for (const data of [deflateRawSync(text), deflateRawSync(pattern(500))]) {
    for (let length = 0; length < data.length; length++) {
      assertFails(data.subarray(0, length), "invalid_deflate");
    }
  }
});

Deno.test("inflateRaw() throws invalid_deflate when the data breaks a rule of DEFLATE", () => {
  const rules: Readonly<Record<string, number[]>> = {
    "block type 3": [0x06],
    "stored length and complement differ": [0x00, 0x05, 0x00, 0x00, 0x00],
    "a distance before the beginning": [0x02, 0x13, 0x00, 0x00],
    "too many length codes": [0xfc, 0x00, 0x00],
    "no end of block": [0x04, 0x80, 0x49, 0x92, 0x24, 0x49, 0x92, 0x24, 0x00],
    "text": [...new TextEncoder().encode("not compressed at all")],
  };
  for (const bytes of Object.values(rules)) {
    assertFails(Uint8Array.from(bytes), "invalid_deflate");
  }
});

Deno.test("inflateRaw() looks no further than the limit", () => {
  const bomb = concat(flushed(new Uint8Array(1 << 20)), Uint8Array.of(0xff));
  assertFails(bomb, "invalid_deflate", { maxBytes: 2 << 20 });
  assertFails(bomb, "message_too_big", { maxBytes: (1 << 20) - 0x10000 });
});

Deno.test("inflateRaw() throws nothing but a WebSocketError when data is random", () => {
  for (let i = 0; i < 5_000; i++) {
    const data = crypto.getRandomValues(new Uint8Array(1 + i % 50));
    try {
      const { bytes, consumed } = inflateRaw(data, {
        history: pattern(i % 300),
        maxBytes: 1000,
      });
      assertEquals(bytes.length <= 1000, true);
      assertEquals(consumed > 0 && consumed <= data.length, true);
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
    }
  }
});
