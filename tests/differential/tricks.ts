import fc from "fast-check";
import type { Draft, Framing } from "./corpus.ts";
import {
  CHUNK_EXTENSIONS,
  CHUNK_LINE_ENDS,
  CHUNK_SIZES,
  CONTENT_LENGTHS,
  ENDS,
  GAPS,
  HOSTS,
  METHODS,
  ODD_FIELDS,
  PIECES,
  TARGETS,
  TRAILER_LINES,
  TRANSFER_ENCODINGS,
  VERSIONS,
} from "./spellings.ts";

const INNER = "GET /smuggled HTTP/1.1\r\nHost: inner\r\n\r\n";
const CHUNKED = "3\r\nabc\r\n0\r\n\r\n";

const oneOf = (texts: readonly string[]) => fc.constantFrom(...texts);

// The plain spelling comes first in its table. It is drawn as often as all odd
// ones together, for each odd one says most beside a plain one.
const upToTwo = (spellings: readonly [string, ...string[]]) =>
  fc.array(fc.oneof(fc.constant(spellings[0]), oneOf(spellings)), {
    maxLength: 2,
  });

/** Framings that two readers could read in two ways. */
const smuggledFraming: fc.Arbitrary<Framing> = fc.record({
  lengths: upToTwo(CONTENT_LENGTHS),
  encodings: upToTwo(TRANSFER_ENCODINGS),
  lengthFirst: fc.boolean(),
  body: oneOf(["", "abc", CHUNKED, `0\r\n\r\n${INNER}`, `abc${INNER}`]),
}).map(({ lengths, encodings, lengthFirst, body }) => ({
  fields: lengthFirst ? [...lengths, ...encodings] : [...encodings, ...lengths],
  body,
}));

const oddChunk = fc.record({
  size: fc.oneof(fc.constant("3"), oneOf(CHUNK_SIZES)),
  extension: fc.oneof(fc.constant(""), oneOf(CHUNK_EXTENSIONS)),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(CHUNK_LINE_ENDS) },
  ),
  dataEnd: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(CHUNK_LINE_ENDS) },
  ),
}).map(({ size, extension, end, dataEnd }) =>
  `${size}${extension}${end}abc${dataEnd}`
);
const oddChunks = fc.record({
  chunk: oddChunk,
  last: fc.oneof(
    fc.constant("0"),
    oneOf(["00", "0;a", "0 ", "000000000000000000", "-0"]),
  ),
  trailers: fc.array(oneOf(TRAILER_LINES), { maxLength: 2 }),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(CHUNK_LINE_ENDS) },
  ),
}).map(({ chunk, last, trailers, end }): Framing => ({
  fields: ["Transfer-Encoding: chunked"],
  body: `${chunk}${last}\r\n${
    trailers.map((line) => `${line}\r\n`).join("")
  }${end}`,
}));

type Trick = (draft: Draft) => Draft;

const inLine = (at: number) => (text: string): Trick => (draft) => ({
  ...draft,
  line: draft.line.with(at, text),
});
const withFraming = ({ fields, body }: Framing): Trick => (draft) => ({
  ...draft,
  fields: [...draft.fields.filter((line) => !isFraming(line)), ...fields],
  body,
});
const withHost = (lines: readonly string[]): Trick => (draft) => ({
  ...draft,
  fields: [...lines, ...draft.fields.filter((line) => !/^host:/i.test(line))],
});
const withFields =
  ([lines, at]: [readonly string[], number]): Trick => (draft) => ({
    ...draft,
    fields: draft.fields.toSpliced(at % (draft.fields.length + 1), 0, ...lines),
  });

const trick: fc.Arbitrary<Trick> = fc.oneof(
  { weight: 1, arbitrary: oneOf(METHODS).map(inLine(0)) },
  { weight: 1, arbitrary: oneOf(GAPS).map(inLine(1)) },
  { weight: 2, arbitrary: oneOf(TARGETS).map(inLine(2)) },
  { weight: 1, arbitrary: oneOf(GAPS).map(inLine(3)) },
  { weight: 1, arbitrary: oneOf(VERSIONS).map(inLine(4)) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTS).map(withHost) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...ODD_FIELDS), fc.nat({ max: 9 }))
      .map(withFields),
  },
  { weight: 5, arbitrary: smuggledFraming.map(withFraming) },
  { weight: 5, arbitrary: oddChunks.map(withFraming) },
);

/** Drafts with one trick played on each. */
export function tricked(drafts: fc.Arbitrary<Draft>): fc.Arbitrary<Draft> {
  return fc.tuple(drafts, trick).map(([draft, trick]) => trick(draft));
}

type Edit = (text: string) => string;

const place = fc.nat({ max: 0xffff });

/** Replaces one line end by another text. */
const lineEndEdit = fc.tuple(place, oneOf(ENDS)).map(
  ([place, end]): Edit => (text) => {
    const lines = text.split("\r\n");
    if (lines.length < 2) return text;
    const at = place % (lines.length - 1);
    return lines.slice(0, at + 1).join("\r\n") + end +
      lines.slice(at + 1).join("\r\n");
  },
);
/** Replaces a few characters by another text. */
const spliceEdit = fc.tuple(
  place,
  fc.nat({ max: 3 }),
  fc.oneof(fc.constant(""), oneOf(PIECES)),
).map(([place, remove, piece]): Edit => (text) => {
  const at = place % (text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + remove);
});
/** Flips one bit. */
const flipEdit = fc.tuple(place, fc.nat({ max: 7 })).map(
  ([place, bit]): Edit => (text) => {
    if (text === "") return text;
    const at = place % text.length;
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
    return text.slice(0, at) + flipped + text.slice(at + 1);
  },
);
/** Repeats a piece. */
const repeatEdit = fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
  ([place, length]): Edit => (text) => {
    const at = place % (text.length + 1);
    return text.slice(0, at + length) + text.slice(at);
  },
);
/** Changes the case of a piece. */
const caseEdit = fc.tuple(place, fc.integer({ min: 1, max: 20 })).map(
  ([place, length]): Edit => (text) => {
    const at = place % (text.length + 1);
    const piece = text.slice(at, at + length);
    const changed = piece.replace(
      /[A-Za-z]/g,
      (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20),
    );
    return text.slice(0, at) + changed + text.slice(at + length);
  },
);

const edit = fc.oneof(lineEndEdit, spliceEdit, flipEdit, repeatEdit, caseEdit);

/** Texts, each with one to three edits that know nothing of HTTP. */
export function respelled(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([text, edits]) => edits.reduce((text, edit) => edit(text), text));
}

function isFraming(line: string): boolean {
  return /^(content-length|transfer-encoding):/i.test(line);
}
