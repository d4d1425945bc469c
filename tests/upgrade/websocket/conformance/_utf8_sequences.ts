/** Bytes that may be UTF-8, and a word for them. */
export interface Utf8Sequence {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const LIMITS_OF_LENGTH = [
  0x80,
  0x800,
  0x1_0000,
  0x20_0000,
  0x400_0000,
  0x8000_0000,
] as const;

/**
 * Encodes a number in so many bytes, up to 6, as UTF-8 did before it ended at
 * U+10FFFF, and without asking whether fewer would do.
 */
export function stretched(point: number, length: number): number[] {
  if (length === 1) return [point];
  const bytes: number[] = [];
  let rest = point;
  for (let i = 1; i < length; i++) {
    bytes.unshift(0x80 | rest % 64);
    rest = Math.floor(rest / 64);
  }
  return [0xff << (8 - length) & 0xff | rest, ...bytes];
}

function shortest(point: number): number[] {
  const length = LIMITS_OF_LENGTH.findIndex((limit) => point < limit) + 1;
  return stretched(point, length);
}

function named(name: string, bytes: number[]): Utf8Sequence {
  return { name, bytes: Uint8Array.from(bytes) };
}

function points(name: string, all: number[]): Utf8Sequence[] {
  return all.map((point) =>
    named(`${name} U+${point.toString(16)}`, shortest(point))
  );
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const LEADS = range(0xc0, 0xfd);
const CONTINUATIONS = range(0x80, 0xbf);
// The last continuation is missing; for each length the first and last lead.
const CUT = [2, 3, 4, 5, 6].flatMap((length) => [
  stretched(0, length).slice(0, -1),
  stretched(LIMITS_OF_LENGTH[length - 1]! - 1, length).slice(0, -1),
]);

/** What is valid, at the edges of what is. */
export const VALID: readonly Utf8Sequence[] = [
  named("a Greek word", [...new TextEncoder().encode("κόσμε")]),
  named("a byte order mark", [0xef, 0xbb, 0xbf]),
  ...points("the first of its length", [0, 0x80, 0x800, 0x1_0000]),
  ...points("the last of its length", [0x7f, 0x7ff, 0xffff]),
  ...points("beside the surrogates", [0xd7ff, 0xe000]),
  ...points("the replacement character", [0xfffd]),
  ...points("the very last", [0x10_ffff]),
  ...points("no character", [
    ...range(0, 16).flatMap((plane) => [
      plane * 0x1_0000 + 0xfffe,
      plane * 0x1_0000 + 0xffff,
    ]),
    ...range(0xfdd0, 0xfdef),
  ]),
];

/** What is not valid, with nothing before or behind it. */
export const INVALID: readonly Utf8Sequence[] = [
  ...points("past the last", [0x11_0000, 0x1f_ffff]),
  named("the first of 5 bytes", stretched(0x20_0000, 5)),
  named("the last of 5 bytes", stretched(0x3ff_ffff, 5)),
  named("the first of 6 bytes", stretched(0x400_0000, 6)),
  named("the last of 6 bytes", stretched(0x7fff_ffff, 6)),
  named("a lone 80", [0x80]),
  named("a lone bf", [0xbf]),
  ...range(2, 7).map((count) =>
    named(
      `${count} continuations alone`,
      range(1, count).map((i) => i % 2 === 1 ? 0x80 : 0xbf),
    )
  ),
  named("all continuations", CONTINUATIONS),
  ...LEADS.map((lead) =>
    named(`${lead.toString(16)} before a space`, [lead, 0x20])
  ),
  named("all leads before spaces", LEADS.flatMap((lead) => [lead, 0x20])),
  ...CUT.map((bytes) => named(`${bytes.length} bytes and one missing`, bytes)),
  named("all that lack a byte", CUT.flat()),
  named("fe", [0xfe]),
  named("ff", [0xff]),
  named("fe and ff", [0xfe, 0xfe, 0xff, 0xff]),
  ...[2, 3, 4, 5, 6].flatMap((length) => [
    named(`a slash in ${length} bytes`, stretched(0x2f, length)),
    named(`NUL in ${length} bytes`, stretched(0, length)),
    named(
      `the last of ${length - 1} bytes in ${length}`,
      stretched(LIMITS_OF_LENGTH[length - 2]! - 1, length),
    ),
  ]),
  ...points("surrogate", [
    0xd800,
    0xdb7f,
    0xdb80,
    0xdbff,
    0xdc00,
    0xdf80,
    0xdfff,
  ]),
  ...[
    [0xd800, 0xdc00],
    [0xd800, 0xdfff],
    [0xdb7f, 0xdc00],
    [0xdb7f, 0xdfff],
    [
      0xdb80,
      0xdc00,
    ],
    [0xdb80, 0xdfff],
    [0xdbff, 0xdc00],
    [0xdbff, 0xdfff],
  ].map((pair) =>
    named(
      `surrogates ${pair.map((half) => half.toString(16)).join(" ")}`,
      pair.flatMap(shortest),
    )
  ),
];
