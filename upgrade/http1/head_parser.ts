import {
  CHAR_CLASS,
  CR,
  HEX,
  HTAB,
  LF,
  PERCENT,
  SP,
  TARGET,
  TOKEN,
} from "./char_class.ts";
import { HttpError } from "./errors.ts";
import { FieldSectionParser } from "./field_section_parser.ts";
import { decodeLatin1, type Latin1Range } from "./latin1.ts";
import { readRequestHead, type RequestHead } from "./request_head.ts";
import { parseRequestTarget, type RequestTarget } from "./request_target.ts";
import { VersionParser } from "./version_parser.ts";

/** The bounds of a request head. */
export interface HeadLimits {
  /**
   * The most bytes from the first of the request line to the last of the
   * empty line; more is 431. Default: 16384.
   */
  readonly maxHeadBytes: number;
  /** The most bytes of the request target; more is 414. Default: 8192. */
  readonly maxTargetBytes: number;
  /** The most field lines; more is 431. Default: 100. */
  readonly maxFields: number;
}

/** The values of {@linkcode HeadLimits} that are not given. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = {
  maxHeadBytes: 16 * 1024,
  maxTargetBytes: 8 * 1024,
  maxFields: 100,
};

const State = {
  Start: 0,
  EmptyLineLf: 1,
  AfterEmptyLine: 2,
  Method: 3,
  TargetStart: 4,
  Target: 5,
  EscapeFirst: 6,
  EscapeSecond: 7,
  Version: 8,
  LineCr: 9,
  LineLf: 10,
  Fields: 11,
  Done: 12,
} as const;

type State = typeof State[keyof typeof State];

// The longest registered method has 17 characters.
const MAX_METHOD_BYTES = 32;

/** What the bytes of a request line besides method and target are. */
const LINE_OVERHEAD = "  HTTP/1.1\r\n".length;

/**
 * Reads the head of an HTTP/1.1 or HTTP/1.0 request from bytes as they come.
 *
 * It does no input or output. It resumes at any byte, keeps no byte that it
 * was fed, and stops right after the head, so that what follows (a body, a
 * further request, another protocol) stays with the caller. It throws at the
 * first byte that no valid head could have there; after that it must be fed
 * no more.
 *
 * @example
 * ```ts
 * import { HeadParser } from "./head_parser.ts";
 *
 * const parser = new HeadParser();
 * const bytes = new TextEncoder().encode(
 *   "GET / HTTP/1.1\r\nHost: a.example\r\n\r\nearly",
 * );
 * const used = parser.parse(bytes);
 * parser.head?.method; // "GET"
 * bytes.subarray(used); // "early"
 * ```
 */
export class HeadParser {
  readonly #limits: HeadLimits;
  readonly #section: FieldSectionParser;
  readonly #version = new VersionParser(badLine);
  #state: State = State.Start;
  #head: RequestHead | undefined;
  #carry = "";
  #method = "";
  #target = "";
  #parsedTarget: RequestTarget | undefined;

  /** Makes a parser for the requests of one connection. */
  constructor(limits: Partial<HeadLimits> = {}) {
    const {
      maxHeadBytes = DEFAULT_HEAD_LIMITS.maxHeadBytes,
      maxTargetBytes = DEFAULT_HEAD_LIMITS.maxTargetBytes,
      maxFields = DEFAULT_HEAD_LIMITS.maxFields,
    } = limits;
    this.#limits = { maxHeadBytes, maxTargetBytes, maxFields };
    this.#section = new FieldSectionParser({
      maxFields,
      tooLarge: "head_too_large",
      tooMany: "too_many_fields",
    });
  }

  /** The head, once its empty line has been read. */
  get head(): RequestHead | undefined {
    return this.#head;
  }

  /** The method, once the space after it has been read; empty before. */
  get method(): string {
    return this.#method;
  }

  /** Whether a byte of a request line has been read. */
  get started(): boolean {
    return this.#state > State.AfterEmptyLine;
  }

  /** Makes ready for the next request on the connection. */
  reset(): void {
    this.#state = State.Start;
    this.#head = undefined;
    this.#carry = "";
    this.#method = "";
    this.#parsedTarget = undefined;
  }

  /**
   * Reads on. Gives how many of `bytes` belong to the head: all of them while
   * it goes on, none once it is complete.
   *
   * @throws {HttpError} at the first byte that makes the head invalid or too
   * large, and at its end if it contradicts itself
   */
  parse(bytes: Uint8Array): number {
    if (this.#state === State.Done) return 0;
    const start = this.#state === State.Fields ? 0 : this.#parseLine(bytes);
    if (this.#state !== State.Fields) return start;
    const end = this.#section.parse(bytes, start);
    if (this.#section.done) {
      this.#state = State.Done;
      this.#head = readRequestHead({
        method: this.#method,
        target: this.#target,
        parsedTarget: this.#parsedTarget as RequestTarget,
        version: this.#version.version,
        fields: this.#section.fields,
      });
    }
    return end;
  }

  #parseLine(bytes: Uint8Array): number {
    const { maxTargetBytes } = this.#limits;
    const end = bytes.length;
    let state = this.#state;
    let i = 0;
    let mark = 0;
    while (i < end && state !== State.Fields) {
      let byte = bytes[i] as number;
      switch (state) {
        case State.Start:
          // RFC 9112 §2.2: an empty line before the request line is ignored.
          if (byte === CR) {
            i++;
            state = State.EmptyLineLf;
            break;
          }
          state = State.AfterEmptyLine;
          break;
        case State.EmptyLineLf:
          if (byte !== LF) throw new HttpError("bare_cr");
          i++;
          state = State.AfterEmptyLine;
          break;
        case State.AfterEmptyLine:
          if (!((CHAR_CLASS[byte] as number) & TOKEN)) throw badMethod(byte);
          mark = i++;
          state = State.Method;
          break;
        case State.Method:
          while ((CHAR_CLASS[byte] as number) & TOKEN) {
            // RFC 9112 §3: 501 for a method longer than any that is known.
            if (this.#carry.length + i - mark === MAX_METHOD_BYTES) {
              throw new HttpError("method_too_long");
            }
            if (++i === end) break;
            byte = bytes[i] as number;
          }
          if (i === end) break;
          if (byte !== SP) throw badMethod(byte);
          this.#method = this.#take(bytes, {
            start: mark,
            end: i,
            ascii: true,
          });
          mark = ++i;
          state = State.TargetStart;
          break;
        case State.TargetStart:
          if (byte === SP) throw new HttpError("bad_request_line");
          state = State.Target;
          break;
        case State.Target:
          while ((CHAR_CLASS[byte] as number) & TARGET) {
            if (this.#carry.length + i - mark === maxTargetBytes) {
              throw new HttpError("target_too_long");
            }
            if (++i === end) break;
            byte = bytes[i] as number;
          }
          if (i === end) break;
          if (byte === SP) {
            this.#target = this.#take(bytes, {
              start: mark,
              end: i,
              ascii: true,
            });
            i++;
            this.#version.reset();
            state = State.Version;
            break;
          }
          if (byte !== PERCENT) throw badTarget(byte);
          if (this.#carry.length + i - mark === maxTargetBytes) {
            throw new HttpError("target_too_long");
          }
          i++;
          state = State.EscapeFirst;
          break;
        case State.EscapeFirst:
        case State.EscapeSecond:
          // RFC 3986 §2.1: a percent sign is followed by two hex digits.
          if (!((CHAR_CLASS[byte] as number) & HEX)) throw badTarget(byte);
          if (this.#carry.length + i - mark === maxTargetBytes) {
            throw new HttpError("target_too_long");
          }
          i++;
          state = state === State.EscapeFirst
            ? State.EscapeSecond
            : State.Target;
          break;
        case State.Version:
          this.#version.parse(byte);
          i++;
          if (this.#version.done) state = State.LineCr;
          break;
        case State.LineCr:
          if (byte !== CR) throw badLine(byte);
          i++;
          state = State.LineLf;
          break;
        case State.LineLf:
          if (byte !== LF) throw new HttpError("bare_cr");
          i++;
          this.#beginFields();
          state = State.Fields;
          break;
      }
    }
    this.#state = state;
    if (state >= State.Method && state <= State.EscapeSecond) {
      this.#carry += decodeLatin1(bytes, { start: mark, end: i, ascii: true });
    }
    return i;
  }

  #take(bytes: Uint8Array, range: Latin1Range): string {
    const text = this.#carry + decodeLatin1(bytes, range);
    this.#carry = "";
    return text;
  }

  #beginFields(): void {
    this.#parsedTarget = parseRequestTarget(this.#method, this.#target);
    const lineBytes = this.#method.length + this.#target.length + LINE_OVERHEAD;
    const budget = this.#limits.maxHeadBytes - lineBytes;
    if (budget < 0) throw new HttpError("head_too_large");
    this.#section.reset(budget);
  }
}

function badMethod(byte: number): HttpError {
  if (byte === SP || byte === HTAB || byte === CR) return badLine(byte);
  return new HttpError(byte === LF ? "bare_lf" : "bad_method");
}

function badTarget(byte: number): HttpError {
  if (byte === HTAB || byte === CR) return badLine(byte);
  return new HttpError(byte === LF ? "bare_lf" : "bad_target");
}

function badLine(byte: number): HttpError {
  return new HttpError(byte === LF ? "bare_lf" : "bad_request_line");
}
