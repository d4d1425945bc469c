import {
  BodyDecoder,
  HeadParser,
  HttpError,
  type RequestHead,
} from "../../../upgrade/http1/mod.ts";
import { textOf } from "./feed.ts";
import type { Limits } from "./grammar_rule.ts";

/** What became of a stream of bytes. */
export interface Reading {
  /** The requests that came whole. */
  readonly requests: readonly { head: RequestHead; content: string }[];
  /** Why the stream was refused, if it was. */
  readonly refusal?: { readonly code: string; readonly status: number };
  /** What came after the last request that there could be. */
  readonly rest: string;
}

/** A {@linkcode Reading}, and how many bytes had come when it was known. */
export interface TimedReading {
  /** What became of the stream. */
  readonly reading: Reading;
  /** The bytes up to the end of the piece in which the stream was refused. */
  readonly given: number;
}

/**
 * Reads a stream to its end as a connection does: heads, and bodies as these
 * frame them, until one is the last or what comes is refused.
 */
export function readRequests(
  pieces: readonly Uint8Array[],
  limits: Limits,
): TimedReading {
  const parser = new HeadParser(limits);
  const requests: { head: RequestHead; content: string }[] = [];
  let decoder: BodyDecoder | undefined;
  let content = "";
  let isLast = false;
  let rest = "";
  let given = 0;
  try {
    for (let piece of pieces) {
      given += piece.length;
      while (piece.length > 0 && !isLast) {
        if (decoder === undefined) {
          piece = piece.subarray(parser.parse(piece));
          if (parser.head === undefined) continue;
          decoder = new BodyDecoder(parser.head.body, limits);
        } else {
          const { consumed, data } = decoder.decode(piece);
          piece = piece.subarray(consumed);
          content += textOf(data);
        }
        if (!decoder.done) continue;
        const head = parser.head as RequestHead;
        requests.push({ head, content });
        isLast = !head.keepAlive || head.form === "authority";
        parser.reset();
        decoder = undefined;
        content = "";
      }
      rest += textOf(piece);
    }
    decoder?.finish();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const { code, status } = error;
    return { reading: { requests, refusal: { code, status }, rest }, given };
  }
  return { reading: { requests, rest }, given };
}
