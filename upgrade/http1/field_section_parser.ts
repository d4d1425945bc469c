import {
  CHAR_CLASS,
  COLON,
  CR,
  FIELD_VALUE,
  LF,
  TOKEN,
  WHITE_SPACE,
} from "./char_class.ts";
import { HttpError, type HttpErrorCode } from "./errors.ts";
import { type FieldLines, trimOws } from "./fields.ts";
import { decodeLatin1 } from "./latin1.ts";

const State = {
  LineStart: 0,
  Name: 1,
  ValueStart: 2,
  Value: 3,
  LineLf: 4,
  EndLf: 5,
  Done: 6,
} as const;

type State = typeof State[keyof typeof State];

/** The bounds of a field section and what exceeding them is called. */
export interface FieldSectionLimits {
  /** The most field lines. */
  readonly maxFields: number;
  /** The code for a section of too many bytes. */
  readonly tooLarge: HttpErrorCode;
  /** The code for more than `maxFields` lines. */
  readonly tooMany: HttpErrorCode;
}

// Where the names and values of the current chunk start and end. Parsing is
// synchronous, so all parsers share it.
const marks: number[] = [];

/**
 * Reads field lines up to the empty line after them: the header section of a
 * message or the trailer section of a chunked body (RFC 9112 §5).
 *
 * It resumes at any byte. The names and values that a chunk completes are cut
 * from one string made of that chunk; only what its end cuts is carried over.
 */
export class FieldSectionParser {
  readonly #limits: FieldSectionLimits;
  #state: State = State.LineStart;
  #budget = 0;
  #count = 0;
  #fields: (readonly [string, string])[] = [];
  #name: string | undefined;
  #carry = "";

  /** Makes a parser; {@linkcode reset} it before the first byte. */
  constructor(limits: FieldSectionLimits) {
    this.#limits = limits;
  }

  /** Whether the empty line has been read. */
  get done(): boolean {
    return this.#state === State.Done;
  }

  /** The field lines completed so far. */
  get fields(): FieldLines {
    return this.#fields;
  }

  /** Begins a section of at most `maxBytes` bytes, the empty line included. */
  reset(maxBytes: number): void {
    this.#state = State.LineStart;
    this.#budget = maxBytes;
    this.#count = 0;
    this.#fields = [];
    this.#name = undefined;
    this.#carry = "";
  }

  /**
   * Reads on at `bytes[start]`. Gives the offset of the first byte after the
   * section, or the length of `bytes` if the section goes on.
   *
   * @throws {HttpError} `bare_lf`, `bare_cr`, `obs_fold`, `bad_field_name`,
   * `bad_field_value`, and the codes of the limits
   */
  parse(bytes: Uint8Array, start: number): number {
    const end = Math.min(bytes.length, start + this.#budget);
    let state = this.#state;
    let i = start;
    let mark = start;
    let markCount = 0;
    let seen = 0;
    while (i < end && state !== State.Done) {
      let byte = bytes[i] as number;
      switch (state) {
        case State.LineStart:
          if (byte === CR) {
            i++;
            state = State.EndLf;
            break;
          }
          if (!((CHAR_CLASS[byte] as number) & TOKEN)) throw badLineStart(byte);
          if (++this.#count > this.#limits.maxFields) {
            throw new HttpError(this.#limits.tooMany);
          }
          mark = i++;
          state = State.Name;
          break;
        case State.Name:
          while ((CHAR_CLASS[byte] as number) & TOKEN) {
            if (++i === end) break;
            byte = bytes[i] as number;
          }
          if (i === end) break;
          // RFC 9112 §5.1: no white space between the name and the colon.
          if (byte !== COLON) throw badName(byte);
          marks[markCount++] = mark;
          marks[markCount++] = i++;
          state = State.ValueStart;
          break;
        case State.ValueStart:
          while ((CHAR_CLASS[byte] as number) & WHITE_SPACE) {
            if (++i === end) break;
            byte = bytes[i] as number;
          }
          if (i === end) break;
          mark = i;
          state = State.Value;
          break;
        case State.Value: {
          while ((CHAR_CLASS[byte] as number) & FIELD_VALUE) {
            seen |= byte;
            if (++i === end) break;
            byte = bytes[i] as number;
          }
          if (i === end) break;
          if (byte !== CR) throw badValue(byte);
          let valueEnd = i++;
          while (
            valueEnd > mark &&
            (CHAR_CLASS[bytes[valueEnd - 1] as number] as number) & WHITE_SPACE
          ) valueEnd--;
          marks[markCount++] = mark;
          marks[markCount++] = valueEnd;
          state = State.LineLf;
          break;
        }
        case State.LineLf:
          if (byte !== LF) throw new HttpError("bare_cr");
          i++;
          state = State.LineStart;
          break;
        case State.EndLf:
          if (byte !== LF) throw new HttpError("bare_cr");
          i++;
          state = State.Done;
          break;
      }
    }
    if (state !== State.Done && i < bytes.length) {
      throw new HttpError(this.#limits.tooLarge);
    }
    this.#state = state;
    this.#budget -= i - start;
    const ascii = seen < 0x80;
    if (markCount > 0) this.#cut(bytes, { markCount, ascii });
    if (state === State.Name || state === State.Value) {
      this.#carry += decodeLatin1(bytes, { start: mark, end: i, ascii });
    }
    return i;
  }

  #cut(
    bytes: Uint8Array,
    { markCount, ascii }: { markCount: number; ascii: boolean },
  ): void {
    const start = marks[0] as number;
    const end = marks[markCount - 1] as number;
    const text = decodeLatin1(bytes, { start, end, ascii });
    for (let m = 0; m < markCount; m += 2) {
      let piece = text.slice(
        (marks[m] as number) - start,
        (marks[m + 1] as number) - start,
      );
      if (this.#carry !== "") {
        // The carried part may end in the white space that the chunk cut off.
        piece = trimOws(this.#carry + piece);
        this.#carry = "";
      }
      if (this.#name === undefined) {
        this.#name = piece.toLowerCase();
      } else {
        this.#fields.push([this.#name, piece]);
        this.#name = undefined;
      }
    }
  }
}

function badLineStart(byte: number): HttpError {
  // RFC 9112 §5.2 and §2.2: neither a folded line nor white space before the
  // first field is taken.
  return (CHAR_CLASS[byte] as number) & WHITE_SPACE
    ? new HttpError("obs_fold")
    : badName(byte);
}

function badName(byte: number): HttpError {
  return new HttpError(byte === LF ? "bare_lf" : "bad_field_name");
}

function badValue(byte: number): HttpError {
  // RFC 9112 §2.2: a line may be ended by LF alone only for a lenient reader.
  return new HttpError(byte === LF ? "bare_lf" : "bad_field_value");
}
