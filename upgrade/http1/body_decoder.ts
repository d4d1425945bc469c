import type { ResponseFraming } from "./body_framing.ts";
import { CR, LF } from "./char_class.ts";
import { ChunkHeaderParser } from "./chunk_header_parser.ts";
import { HttpError } from "./errors.ts";
import { FieldSectionParser } from "./field_section_parser.ts";

/** The bounds of a body. */
export interface BodyLimits {
  /** The most bytes of content; more is 413. Default: no bound. */
  readonly maxBodyBytes: number;
  /**
   * The most bytes of chunk extensions that no data made up for, where a byte
   * of data makes up for one before it; more is 400. Default: 1024.
   */
  readonly maxChunkExtensionBytes: number;
  /** The most bytes of trailer field lines; more is 431. Default: 8192. */
  readonly maxTrailerBytes: number;
  /** The most trailer field lines; more is 431. Default: 32. */
  readonly maxTrailerFields: number;
}

/** The values of {@linkcode BodyLimits} that are not given. */
export const DEFAULT_BODY_LIMITS: BodyLimits = {
  maxBodyBytes: Infinity,
  maxChunkExtensionBytes: 1024,
  maxTrailerBytes: 8 * 1024,
  maxTrailerFields: 32,
};

/** What one step of {@linkcode BodyDecoder.decode} did. */
export interface DecodedBody {
  /** How many bytes of the input the step used up. */
  readonly consumed: number;
  /** The content among them: a view into the input, maybe empty. */
  readonly data: Uint8Array;
}

const State = {
  ChunkHeader: 0,
  Data: 1,
  DataCr: 2,
  DataLf: 3,
  Trailers: 4,
  Done: 5,
} as const;

type State = typeof State[keyof typeof State];

const EMPTY_LINE_BYTES = 2;
const NO_DATA = new Uint8Array(0);

/**
 * Takes the framing off a body as its bytes come (RFC 9112 §6 and
 * §7.1).
 *
 * It does no input or output and copies no content. It resumes at any byte
 * and never uses a byte after the body. Chunk extensions and trailer fields
 * are checked and dropped. After it has thrown it must be fed no more.
 *
 * @example
 * ```ts
 * import { BodyDecoder } from "./body_decoder.ts";
 *
 * const decoder = new BodyDecoder({ kind: "chunked" });
 * let rest = new TextEncoder().encode("3\r\nabc\r\n0\r\n\r\nnext");
 * while (!decoder.done) {
 *   const { consumed, data } = decoder.decode(rest);
 *   data; // "abc", then nothing
 *   rest = rest.subarray(consumed);
 * }
 * rest; // "next"
 * ```
 */
export class BodyDecoder {
  readonly #limits: BodyLimits;
  readonly #chunkHeader: ChunkHeaderParser | undefined;
  #state: State;
  readonly #isUntilClose: boolean;
  #remaining = 0;
  #contentBytes = 0;
  #trailers: FieldSectionParser | undefined;

  /**
   * Makes a decoder for one body.
   *
   * @throws {HttpError} `body_too_large` if the declared length is
   */
  constructor(framing: ResponseFraming, limits: Partial<BodyLimits> = {}) {
    this.#limits = { ...DEFAULT_BODY_LIMITS, ...limits };
    this.#isUntilClose = framing.kind === "until_close";
    if (framing.kind === "chunked") {
      this.#chunkHeader = new ChunkHeaderParser(
        this.#limits.maxChunkExtensionBytes,
      );
      this.#state = State.ChunkHeader;
      return;
    }
    if (framing.kind === "until_close") this.#remaining = Infinity;
    else this.#expect(framing.kind === "length" ? framing.length : 0);
    this.#state = this.#remaining > 0 ? State.Data : State.Done;
  }

  /** Whether the whole body has been decoded. */
  get done(): boolean {
    return this.#state === State.Done;
  }

  /**
   * Does one step: uses up framing until it meets content, and content until
   * it meets framing. Call it again with the rest until the body is done or
   * the input is used up.
   *
   * @throws {HttpError} at the first byte that makes the body invalid or too
   * large
   */
  decode(bytes: Uint8Array): DecodedBody {
    let i = 0;
    while (i < bytes.length && this.#state !== State.Done) {
      if (this.#state === State.Data) return this.#takeData(bytes, i);
      i = this.#readFraming(bytes, i);
    }
    return { consumed: i, data: NO_DATA };
  }

  /**
   * Says that no byte will follow, which is the end of a body that goes on until
   * the connection closes.
   *
   * @throws {HttpError} `incomplete_body` unless the body is done then
   */
  finish(): void {
    if (this.#isUntilClose) this.#state = State.Done;
    // RFC 9112 §8: a body that ends short of its framing is incomplete.
    if (!this.done) throw new HttpError("incomplete_body");
  }

  #takeData(bytes: Uint8Array, start: number): DecodedBody {
    const consumed = Math.min(bytes.length, start + this.#remaining);
    if (this.#isUntilClose) this.#count(consumed - start);
    this.#remaining -= consumed - start;
    if (this.#remaining === 0) {
      this.#state = this.#chunkHeader === undefined ? State.Done : State.DataCr;
    }
    return { consumed, data: bytes.subarray(start, consumed) };
  }

  #readFraming(bytes: Uint8Array, start: number): number {
    switch (this.#state) {
      case State.DataCr:
        if (bytes[start] !== CR) throw new HttpError("bad_chunk_end");
        this.#state = State.DataLf;
        return start + 1;
      case State.DataLf:
        if (bytes[start] !== LF) throw new HttpError("bad_chunk_end");
        this.#state = State.ChunkHeader;
        return start + 1;
      case State.Trailers:
        return this.#readTrailers(bytes, start);
      default:
        return this.#readChunkHeader(bytes, start);
    }
  }

  #readChunkHeader(bytes: Uint8Array, start: number): number {
    const header = this.#chunkHeader as ChunkHeaderParser;
    const end = header.parse(bytes, start);
    if (header.done) {
      this.#expect(header.size);
      this.#state = header.size > 0 ? State.Data : State.Trailers;
      header.reset();
    }
    return end;
  }

  #readTrailers(bytes: Uint8Array, start: number): number {
    this.#trailers ??= this.#beginTrailers();
    const end = this.#trailers.parse(bytes, start);
    if (this.#trailers.done) {
      for (const [name] of this.#trailers.fields) checkTrailerName(name);
      this.#state = State.Done;
    }
    return end;
  }

  #beginTrailers(): FieldSectionParser {
    const trailers = new FieldSectionParser({
      maxFields: this.#limits.maxTrailerFields,
      tooLarge: "trailers_too_large",
      tooMany: "too_many_trailers",
    });
    trailers.reset(this.#limits.maxTrailerBytes + EMPTY_LINE_BYTES);
    return trailers;
  }

  #expect(bytes: number): void {
    this.#count(bytes);
    this.#remaining = bytes;
  }

  #count(bytes: number): void {
    this.#contentBytes += bytes;
    if (this.#contentBytes > this.#limits.maxBodyBytes) {
      throw new HttpError("body_too_large");
    }
  }
}

function checkTrailerName(name: string): void {
  // RFC 9110 §6.5.1: fields for framing and routing may not be trailers. The
  // decoder would drop them; a peer that sends them tests who does not.
  if (
    name === "content-length" || name === "transfer-encoding" ||
    name === "host"
  ) throw new HttpError("bad_trailer");
}
