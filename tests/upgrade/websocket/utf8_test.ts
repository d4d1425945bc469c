import { assert, assertEquals, assertFalse } from "@std/assert";
import { Utf8Validator } from "../../../upgrade/websocket/utf8.ts";

const VALID: Readonly<Record<string, number[]>> = {
  "nothing": [],
  "ASCII with NUL and DEL": [0x00, 0x41, 0x7f],
  "U+0080": [0xc2, 0x80],
  "U+07FF": [0xdf, 0xbf],
  "U+0800": [0xe0, 0xa0, 0x80],
  "U+D7FF, below the surrogates": [0xed, 0x9f, 0xbf],
  "U+E000, above the surrogates": [0xee, 0x80, 0x80],
  "U+FEFF, a byte order mark": [0xef, 0xbb, 0xbf],
  "U+FFFF, no character": [0xef, 0xbf, 0xbf],
  "U+10000": [0xf0, 0x90, 0x80, 0x80],
  "U+10FFFF": [0xf4, 0x8f, 0xbf, 0xbf],
  "all lengths": [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80],
};

/** With each: how many bytes must do to see that it is wrong. */
const INVALID: Readonly<Record<string, [bytes: number[], seenAfter: number]>> =
  {
    "a lone continuation": [[0x80], 1],
    "the last continuation": [[0xbf], 1],
    "U+0000 in two bytes": [[0xc0, 0x80], 1],
    "U+002F in two bytes": [[0xc0, 0xaf], 1],
    "U+007F in two bytes": [[0xc1, 0xbf], 1],
    "U+002F in three bytes": [[0xe0, 0x80, 0xaf], 2],
    "U+07FF in three bytes": [[0xe0, 0x9f, 0xbf], 2],
    "U+002F in four bytes": [[0xf0, 0x80, 0x80, 0xaf], 2],
    "U+FFFF in four bytes": [[0xf0, 0x8f, 0xbf, 0xbf], 2],
    "U+D800, a high surrogate": [[0xed, 0xa0, 0x80], 2],
    "U+DFFF, a low surrogate": [[0xed, 0xbf, 0xbf], 2],
    "a surrogate pair": [[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], 2],
    "U+110000": [[0xf4, 0x90, 0x80, 0x80], 2],
    "above U+13FFFF": [[0xf5, 0x80, 0x80, 0x80], 1],
    "five bytes": [[0xf8, 0x88, 0x80, 0x80, 0x80], 1],
    "six bytes": [[0xfc, 0x84, 0x80, 0x80, 0x80, 0x80], 1],
    "FE": [[0xfe], 1],
    "FF": [[0xff], 1],
    "two bytes, the second ASCII": [[0xc3, 0x28], 2],
    "three bytes, the third ASCII": [[0xe2, 0x82, 0x28], 3],
    "four bytes, the fourth ASCII": [[0xf0, 0x9f, 0x98, 0x28], 4],
    "four bytes, the third a lead": [[0xf0, 0x9f, 0xf0, 0x9f], 3],
    "one continuation too many": [[0xc3, 0xa9, 0xa9], 3],
  };

const CUT: Readonly<Record<string, number[]>> = {
  "two bytes cut": [0xc3],
  "three bytes cut after one": [0xe2],
  "three bytes cut after two": [0xe2, 0x82],
  "four bytes cut after one": [0xf0],
  "four bytes cut after two": [0xf0, 0x9f],
  "four bytes cut after three": [0xf0, 0x9f, 0x98],
};

const BEFORE = new TextEncoder().encode("Grüße, 世界 😀");
const AFTER = new TextEncoder().encode("é€😀 and so on");

/** Whether the pieces are the whole of a valid text. */
function accepts(pieces: Uint8Array[]): boolean {
  const validator = new Utf8Validator();
  return pieces.every((piece) => validator.push(piece)) && validator.finish();
}

/** Every way to cut bytes into three, and the way into single ones. */
function* cuts(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let a = 0; a <= bytes.length; a++) {
    for (let b = a; b <= bytes.length; b++) {
      yield [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
    }
  }
  yield Array.from(bytes, (byte) => Uint8Array.of(byte));
}

for (const [name, sequence] of Object.entries(VALID)) {
  Deno.test(`Utf8Validator takes ${name} when it is cut anywhere`, () => {
    for (const bytes of [sequence, [...BEFORE, ...sequence, ...AFTER]]) {
      for (const pieces of cuts(Uint8Array.from(bytes))) {
        assert(accepts(pieces), pieces.join(" | "));
      }
    }
  });
}

for (const [name, [sequence, seenAfter]] of Object.entries(INVALID)) {
  Deno.test(`Utf8Validator refuses ${name} when it is cut anywhere`, () => {
    for (const bytes of [sequence, [...BEFORE, ...sequence, ...AFTER]]) {
      for (const pieces of cuts(Uint8Array.from(bytes))) {
        assertFalse(accepts(pieces), pieces.join(" | "));
      }
    }
  });

  Deno.test(`Utf8Validator.push() fails at the first wrong byte when it gets ${name}`, () => {
    const validator = new Utf8Validator();
    const pushed = sequence.map((byte) => validator.push(Uint8Array.of(byte)));
    assertEquals(pushed.indexOf(false) + 1, seenAfter);
    // The same when these bytes are the end of a longer piece.
    const piece = [...BEFORE, ...sequence.slice(0, seenAfter)];
    assertFalse(new Utf8Validator().push(Uint8Array.from(piece)));
  });
}

for (const [name, sequence] of Object.entries(CUT)) {
  Deno.test(`Utf8Validator.finish() is false when the text ends with ${name}`, () => {
    for (const pieces of cuts(Uint8Array.from([...BEFORE, ...sequence]))) {
      const validator = new Utf8Validator();
      assert(pieces.every((piece) => validator.push(piece)));
      assertFalse(validator.finish());
    }
  });
}

Deno.test("Utf8Validator.finish() makes it ready for the next text", () => {
  const validator = new Utf8Validator();
  validator.push(Uint8Array.of(0xf0, 0x9f));
  assertFalse(validator.finish());
  assert(validator.push(Uint8Array.of(0x41)));
  assert(validator.finish());
});

Deno.test("Utf8Validator agrees with TextDecoder about every pair and triple of lead bytes", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let lead = 0; lead < 256; lead++) {
    for (const second of edges) {
      for (const third of edges) {
        const bytes = Uint8Array.of(lead, second, third);
        let valid = true;
        try {
          decoder.decode(bytes);
        } catch {
          valid = false;
        }
        assertEquals(accepts([bytes]), valid, bytes.join());
        assertEquals(
          accepts([bytes.subarray(0, 1), bytes.subarray(1)]),
          valid,
          bytes.join(),
        );
      }
    }
  }
});
