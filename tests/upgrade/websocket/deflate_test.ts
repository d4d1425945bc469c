import {
  assert,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import {
  deflateShared,
  MessageDeflater,
  MessageInflater,
} from "../../../upgrade/websocket/deflate.ts";
import type { DeflateParams } from "../../../upgrade/websocket/deflate_negotiation.ts";
import {
  WebSocketError,
  type WebSocketErrorCode,
} from "../../../upgrade/websocket/errors.ts";
import { concat, pattern } from "./_frames.ts";

const MIB = 1 << 20;
const HELLO = new TextEncoder().encode("Hello");
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const SETTINGS = { windowBits: 15, level: 6 };
const KEEPING: DeflateParams = {
  ownNoContextTakeover: false,
  peerNoContextTakeover: false,
  ownWindowBits: 15,
  peerWindowBits: 15,
};
const FORGETTING: DeflateParams = {
  ...KEEPING,
  ownNoContextTakeover: true,
  peerNoContextTakeover: true,
};

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.split(" "), (byte) => parseInt(byte, 16));
}

function assertFails(
  inflate: () => unknown,
  code: WebSocketErrorCode,
): void {
  assertEquals(assertThrows(inflate, WebSocketError).code, code);
}

Deno.test("MessageDeflater.deflate() gives the examples of RFC 7692 §7.2.3", () => {
  const keeping = new MessageDeflater(KEEPING);
  // §7.2.3.1 and §7.2.3.2.
  assertEquals(keeping.deflate(HELLO), bytes("f2 48 cd c9 c9 07 00"));
  assertEquals(keeping.deflate(HELLO), bytes("f2 00 11 00 00"));
  const forgetting = new MessageDeflater(FORGETTING);
  for (let i = 0; i < 3; i++) {
    assertEquals(forgetting.deflate(HELLO), bytes("f2 48 cd c9 c9 07 00"));
  }
  // §7.2.3.6.
  assertEquals(forgetting.deflate(new Uint8Array(0)), bytes("00"));
  assertEquals(keeping.deflate(new Uint8Array(0)), bytes("00"));
  assertEquals(keeping.deflate(new Uint8Array(0)), bytes("00"));
});

Deno.test("MessageInflater.inflate() reads the examples of RFC 7692 §7.2.3", () => {
  const examples = [
    // §7.2.3.1, §7.2.3.3, §7.2.3.4 and §7.2.3.5.
    "f2 48 cd c9 c9 07 00",
    "00 05 00 fa ff 48 65 6c 6c 6f 00",
    "f3 48 cd c9 c9 07 00 00",
    "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
  ];
  for (const params of [KEEPING, FORGETTING]) {
    const inflater = new MessageInflater(params);
    for (const example of examples) {
      assertEquals(inflater.inflate(bytes(example), 5), HELLO, example);
    }
    // §7.2.3.6.
    assertEquals(inflater.inflate(bytes("00"), 0).length, 0);
  }
  // §7.2.3.2.
  const inflater = new MessageInflater(KEEPING);
  assertEquals(inflater.inflate(bytes("f2 48 cd c9 c9 07 00"), 5), HELLO);
  assertEquals(inflater.inflate(bytes("f2 00 11 00 00"), 5), HELLO);
});

Deno.test("MessageInflater.inflate() throws invalid_deflate when a context is taken over that is not kept", () => {
  const inflater = new MessageInflater(FORGETTING);
  inflater.inflate(bytes("f2 48 cd c9 c9 07 00"), 5);
  assertFails(
    () => inflater.inflate(bytes("f2 00 11 00 00"), 5),
    "invalid_deflate",
  );
});

Deno.test("MessageInflater.inflate() throws invalid_deflate when a reference is older than the window", () => {
  const sender = new MessageDeflater(KEEPING);
  const message = crypto.getRandomValues(new Uint8Array(1000));
  const first = sender.deflate(message);
  const second = sender.deflate(message);
  const inflater = new MessageInflater({ ...KEEPING, peerWindowBits: 9 });
  inflater.inflate(first, 1000);
  assertFails(() => inflater.inflate(second, 1000), "invalid_deflate");
});

Deno.test("MessageInflater.inflate() takes an empty payload for an empty message", () => {
  const inflater = new MessageInflater(KEEPING);
  assertEquals(inflater.inflate(new Uint8Array(0), 0).length, 0);
  inflater.inflate(bytes("f2 48 cd c9 c9 07 00"), 5);
  assertEquals(inflater.inflate(new Uint8Array(0), 0).length, 0);
  assertEquals(inflater.inflate(bytes("f2 00 11 00 00"), 5), HELLO);
});

Deno.test("MessageInflater.inflate() goes on behind a final block", () => {
  const final = bytes("f3 48 cd c9 c9 07 00");
  const open = bytes("f2 48 cd c9 c9 07 00");
  const twice = concat(HELLO, HELLO);
  for (const params of [KEEPING, FORGETTING]) {
    const inflater = new MessageInflater(params);
    assertEquals(inflater.inflate(concat(final, open), 10), twice);
    assertEquals(
      inflater.inflate(concat(final, final, bytes("00")), 10),
      twice,
    );
    // Some senders leave the empty block out.
    assertEquals(inflater.inflate(final, 5), HELLO);
    assertEquals(inflater.inflate(concat(final, final), 10), twice);
  }
});

Deno.test("MessageInflater.inflate() keeps the context behind a final block", () => {
  const referring = bytes("f2 00 11 00 00");
  const final = bytes("f3 48 cd c9 c9 07 00");
  const inflater = new MessageInflater(KEEPING);
  inflater.inflate(concat(final, bytes("00")), 5);
  assertEquals(inflater.inflate(referring, 5), HELLO);
  // The context goes on within a message, also if none is taken over.
  for (const params of [KEEPING, FORGETTING]) {
    assertEquals(
      new MessageInflater(params).inflate(concat(final, referring), 10),
      concat(HELLO, HELLO),
    );
  }
});

Deno.test("MessageInflater.inflate() counts the bytes of all blocks together", () => {
  const data = concat(
    deflateRawSync(new Uint8Array(1000)),
    deflateRawSync(new Uint8Array(1000)),
    bytes("00"),
  );
  for (const params of [KEEPING, FORGETTING]) {
    const inflate = (most: number) =>
      new MessageInflater(params).inflate(data, most);
    assertEquals(inflate(2000), new Uint8Array(2000));
    for (const most of [0, 999, 1000, 1001, 1999]) {
      assertFails(() => inflate(most), "message_too_big");
    }
  }
});

Deno.test("MessageInflater.inflate() throws invalid_deflate when there are too many final blocks", () => {
  const blocks = (count: number) =>
    new Uint8Array(2 * count).map((_, i) => i % 2 === 0 ? 0x03 : 0x00);
  const inflater = new MessageInflater(KEEPING);
  inflater.inflate(deflateShared(pattern(40_000), SETTINGS), MIB);
  assertEquals(inflater.inflate(blocks(64), 0).length, 0);
  const start = performance.now();
  assertFails(() => inflater.inflate(blocks(500_000), 0), "invalid_deflate");
  // It takes some milliseconds; all blocks would take half a minute.
  assertLess(performance.now() - start, 2_000);
});

Deno.test("MessageInflater.inflate() throws invalid_deflate when a payload ends in the middle", () => {
  const inflater = new MessageInflater(FORGETTING);
  const payloads = [
    "f2",
    "f2 48 cd",
    "00 05 00",
    "f3 48 cd c9",
    "f3 48 cd c9 c9",
  ];
  for (const payload of payloads) {
    assertFails(() => inflater.inflate(bytes(payload), 100), "invalid_deflate");
  }
});

Deno.test("MessageInflater.inflate() takes as many bytes as may come out, and no more", () => {
  for (const size of [1, 1000, 1024, 65_536, 65_537, MIB]) {
    for (const params of [KEEPING, FORGETTING]) {
      const payload = new MessageDeflater(params).deflate(pattern(size));
      const inflate = (most: number) => {
        const inflater = new MessageInflater(params);
        inflater.inflate(deflateShared(pattern(300), SETTINGS), 300);
        return inflater.inflate(payload, most);
      };
      assertEquals(inflate(size), pattern(size));
      assertEquals(inflate(Infinity), pattern(size));
      assertFails(() => inflate(size - 1), "message_too_big");
      assertFails(() => inflate(0), "message_too_big");
    }
  }
});

Deno.test("MessageInflater.inflate() never inflates a bomb", async () => {
  const command = new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      "--v8-flags=--expose-gc",
      new URL("_bomb.ts", import.meta.url).pathname,
    ],
  });
  const { stdout, stderr } = await command.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  const { bomb, codes, milliseconds, grownMiB } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  assertLess(bomb, 110_000);
  assertEquals(codes, ["message_too_big"]);
  // Whole, each would take 100 MiB, and 100 ms to make them.
  assertLess(milliseconds, 50);
  assertLess(grownMiB, 70);
});

Deno.test("MessageDeflater.deflate() compresses with what earlier messages said", () => {
  const message = crypto.getRandomValues(new Uint8Array(2000));
  const deflater = new MessageDeflater(KEEPING);
  assertLess(2000, deflater.deflate(message).length);
  assertLess(deflater.deflate(message).length, 50);
  assertLess(deflater.deflate(message.subarray(500)).length, 50);
});

Deno.test("MessageDeflater.deflate() compresses each message alone when no context is taken over", () => {
  const message = crypto.getRandomValues(new Uint8Array(2000));
  const deflater = new MessageDeflater(FORGETTING);
  assertEquals(deflater.deflate(message), deflater.deflate(message));
});

Deno.test("MessageDeflater.deflate() gives bytes of their own", () => {
  for (const params of [KEEPING, FORGETTING]) {
    const deflater = new MessageDeflater(params);
    const first = deflater.deflate(pattern(1000));
    const copy = first.slice();
    for (let i = 0; i < 10; i++) deflater.deflate(new Uint8Array(5000).fill(i));
    assertEquals(first, copy);
    assertEquals(Object.getPrototypeOf(first), Uint8Array.prototype);
  }
});

Deno.test("MessageDeflater.deflate() compresses harder at a higher level", () => {
  const text = Uint8Array.from({ length: 50_000 }, (_, i) => i * i >>> 7);
  const sizes = [1, 6, 9].map((level) =>
    new MessageDeflater(FORGETTING, { level }).deflate(text).length
  );
  assertNotEquals(sizes[0], sizes[1]);
  assert(sizes[0]! >= sizes[1]! && sizes[1]! >= sizes[2]!, `${sizes}`);
});

Deno.test("MessageDeflater.deflate() takes a context over a message that is long", () => {
  const deflater = new MessageDeflater(KEEPING);
  const inflater = new MessageInflater(KEEPING);
  const long = crypto.getRandomValues(new Uint8Array(0x10000));
  const longer = concat(...Array.from({ length: 10 }, () => long), HELLO);
  for (const message of [HELLO, longer, longer.slice(-1000), HELLO]) {
    const payload = deflater.deflate(message);
    assertEquals(inflater.inflate(payload, message.length), message);
  }
  assertLess(deflater.deflate(longer.slice(-1000)).length, 50);
});

Deno.test("MessageDeflater.remember() has later messages refer to one that was compressed elsewhere", () => {
  const shared = crypto.getRandomValues(new Uint8Array(1000));
  const deflater = new MessageDeflater(KEEPING);
  const inflater = new MessageInflater(KEEPING);
  const messages: [message: Uint8Array, payload: Uint8Array][] = [];
  messages.push([HELLO, deflater.deflate(HELLO)]);
  messages.push([shared, deflateShared(shared, SETTINGS)]);
  deflater.remember(shared);
  messages.push([shared, deflater.deflate(shared)]);
  messages.push([HELLO, deflater.deflate(HELLO)]);
  for (const [message, payload] of messages) {
    assertEquals(inflater.inflate(payload, 1000), message);
  }
  assertLess(messages[2]![1].length, 50);
});

Deno.test("MessageDeflater.threshold is that of the options", () => {
  assertEquals(new MessageDeflater(KEEPING).threshold, 512);
  assertEquals(new MessageDeflater(KEEPING, { threshold: 0 }).threshold, 0);
});

Deno.test("MessageDeflater compresses nothing when the window has 256 bytes", () => {
  const params = { ...KEEPING, ownWindowBits: 8 };
  const deflater = new MessageDeflater(params, { threshold: 0 });
  assertEquals(deflater.threshold, Infinity);
  deflater.remember(HELLO);
  assertThrows(() => deflater.deflate(HELLO), RangeError);
  assertThrows(
    () => deflateShared(HELLO, { ...SETTINGS, windowBits: 8 }),
    RangeError,
  );
});

Deno.test("MessageDeflater() throws a RangeError when an option is out of range", () => {
  assertThrows(() => new MessageDeflater(KEEPING, { level: 10 }), RangeError);
});

Deno.test("deflateShared() compresses as zlib does without the end of the flush", () => {
  const finishFlush = constants.Z_SYNC_FLUSH;
  for (const size of [0, 1, 100, 1000, 100_000]) {
    for (const windowBits of [9, 12, 15]) {
      const flushed = deflateRawSync(pattern(size), {
        windowBits,
        finishFlush,
      });
      assertEquals(Uint8Array.from(flushed.subarray(-4)), TAIL);
      assertEquals(
        deflateShared(pattern(size), { windowBits, level: 6 }),
        Uint8Array.from(flushed.subarray(0, -4)),
      );
    }
  }
});
