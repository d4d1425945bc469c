import { assertEquals } from "@std/assert";
import {
  BodyDecoder,
  type BodyLimits,
  type HeadLimits,
  HeadParser,
  HttpError,
  type RequestHead,
  type ResponseFraming,
} from "../../../upgrade/http1/mod.ts";

/** What became of a head: the head and what follows it, an error, or neither. */
export type HeadOutcome =
  | { head: RequestHead; rest: string }
  | { code: string; status: number }
  | "incomplete";

/** What became of a body: its content and what follows it, or an error. */
export type BodyOutcome =
  | { content: string; rest: string }
  | { code: string; status: number };

/** A request that follows the one under test on the same connection. */
export const NEXT = "GET /next HTTP/1.1\r\nHost: next.example\r\n\r\n";

/** Makes bytes of a text, one a character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => {
    const code = char.charCodeAt(0);
    if (code > 0xff) throw new RangeError("the text has no single bytes");
    return code;
  });
}

/** Makes a text of bytes, one character a byte. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Gives `bytes` whole, byte by byte, and in two pieces cut at every offset. */
export function* everySplit(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  for (let at = 1; at < bytes.length; at++) {
    yield [bytes.subarray(0, at), new Uint8Array(0), bytes.subarray(at)];
  }
}

/** Feeds a head in pieces. */
export function parseHead(
  pieces: Uint8Array[],
  limits: Partial<HeadLimits> = {},
): HeadOutcome {
  const parser = new HeadParser(limits);
  let rest = "";
  try {
    for (const piece of pieces) {
      const used = parser.parse(piece);
      if (parser.head === undefined) assertEquals(used, piece.length);
      rest += textOf(piece.subarray(used));
    }
  } catch (error) {
    return outcomeOf(error);
  }
  return parser.head === undefined ? "incomplete" : { head: parser.head, rest };
}

/** Feeds a head in all splits, which must not differ; gives what they gave. */
export function parseHeadEveryWay(
  text: string,
  limits: Partial<HeadLimits> = {},
): HeadOutcome {
  const bytes = bytesOf(text);
  const whole = parseHead([bytes], limits);
  for (const pieces of everySplit(bytes)) {
    assertEquals(parseHead(pieces, limits), whole, splitOf(pieces));
  }
  return whole;
}

/** Feeds a body in pieces. */
export function decodeBody(
  pieces: Uint8Array[],
  { framing = { kind: "chunked" }, limits = {} }: {
    framing?: ResponseFraming;
    limits?: Partial<BodyLimits>;
  } = {},
): BodyOutcome {
  let content = "";
  let rest = "";
  try {
    const decoder = new BodyDecoder(framing, limits);
    for (let piece of pieces) {
      while (!decoder.done && piece.length > 0) {
        const { consumed, data } = decoder.decode(piece);
        content += textOf(data);
        piece = piece.subarray(consumed);
      }
      assertEquals(decoder.done || piece.length === 0, true);
      if (decoder.done) {
        assertEquals(decoder.decode(piece).consumed, 0);
        rest += textOf(piece);
      }
    }
    decoder.finish();
  } catch (error) {
    return outcomeOf(error);
  }
  return { content, rest };
}

/** Feeds a body in all splits, which must not differ; gives what they gave. */
export function decodeBodyEveryWay(
  text: string,
  options: { framing?: ResponseFraming; limits?: Partial<BodyLimits> } = {},
): BodyOutcome {
  const bytes = bytesOf(text);
  const whole = decodeBody([bytes], options);
  for (const pieces of everySplit(bytes)) {
    assertEquals(decodeBody(pieces, options), whole, splitOf(pieces));
  }
  return whole;
}

function outcomeOf(error: unknown): { code: string; status: number } {
  if (!(error instanceof HttpError)) throw error;
  return { code: error.code, status: error.status };
}

function splitOf(pieces: Uint8Array[]): string {
  return `the outcome depends on the split ${
    JSON.stringify(pieces.map(textOf))
  }`;
}
