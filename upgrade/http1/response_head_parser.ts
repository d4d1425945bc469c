import { CHAR_CLASS, CR, DIGIT, FIELD_VALUE, LF, SP } from "./char_class.ts";
import { FieldSectionParser } from "./field_section_parser.ts";
import { decodeLatin1 } from "./latin1.ts";
import { asResponseError, HttpResponseError } from "./response_errors.ts";
import {
  readResponseHead,
  type ReceivedResponseHead,
} from "./response_head.ts";
import { VersionParser } from "./version_parser.ts";

/** The bounds of a response head. */
export interface ResponseHeadLimits {
  /**
   * The most bytes from the first of the status line to the last of the empty
   * line. Default: 65536.
   */
  readonly maxHeadBytes: number;
  /** The most field lines. Default: 200. */
  readonly maxFields: number;
}

/** The values of {@linkcode ResponseHeadLimits} that are not given. */
export const DEFAULT_RESPONSE_HEAD_LIMITS: ResponseHeadLimits = {
  maxHeadBytes: 64 * 1024,
  maxFields: 200,
};

const State = {
  Version: 0,
  StatusStart: 1,
  Status: 2,
  ReasonStart: 3,
  Reason: 4,
  LineLf: 5,
  Fields: 6,
  Done: 7,
} as const;

type State = typeof State[keyof typeof State];

const ZERO = 0x30;
const FIVE = 0x35;
const LOWEST_STATUS = 100;

/** What the bytes of a status line besides the reason are. */
const LINE_OVERHEAD = "HTTP/1.1 200 \r\n".length;

/**
 * Reads the head of an HTTP/1.1 or HTTP/1.0 response from bytes as they come.
 *
 * As `HeadParser` it does no input or output, resumes at any byte, keeps no byte
 * that it was fed and stops right after the head. It throws at the first byte
 * that no valid head could have there; after that it must be fed no more.
 *
 * @example
 * ```ts
 * import { ResponseHeadParser } from "./response_head_parser.ts";
 *
 * const parser = new ResponseHeadParser();
 * parser.reset("GET");
 * const bytes = new TextEncoder().encode(
 *   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
 * );
 * const used = parser.parse(bytes);
 * parser.head?.status; // 200
 * bytes.subarray(used); // "hello"
 * ```
 */
export class ResponseHeadParser {
  readonly #limits: ResponseHeadLimits;
  readonly #section: FieldSectionParser;
  readonly #version = new VersionParser(badLine);
  #method = "";
  #state: State = State.Version;
  #started = false;
  #head: ReceivedResponseHead | undefined;
  #status = 0;
  #reason = "";

  /** Makes a parser; {@linkcode reset} it before the first byte. */
  constructor(limits: Partial<ResponseHeadLimits> = {}) {
    this.#limits = { ...DEFAULT_RESPONSE_HEAD_LIMITS, ...limits };
    this.#section = new FieldSectionParser({
      maxFields: this.#limits.maxFields,
      tooLarge: "head_too_large",
      tooMany: "too_many_fields",
    });
  }

  /** The head, once its empty line has been read. */
  get head(): ReceivedResponseHead | undefined {
    return this.#head;
  }

  /** Whether a byte of the head has been read. */
  get started(): boolean {
    return this.#started;
  }

  /** Makes ready for a response to a request of this method. */
  reset(method: string): void {
    this.#method = method;
    this.#state = State.Version;
    this.#started = false;
    this.#version.reset();
    this.#head = undefined;
    this.#status = 0;
    this.#reason = "";
  }

  /**
   * Reads on. Gives how many of `bytes` belong to the head: all of them while
   * it goes on, none once it is complete.
   *
   * @throws {HttpResponseError} at the first byte that makes the head invalid or
   * too large, and at its end if it contradicts itself
   */
  parse(bytes: Uint8Array): number {
    try {
      return this.#parse(bytes);
    } catch (error) {
      throw asResponseError(error);
    }
  }

  #parse(bytes: Uint8Array): number {
    if (this.#state === State.Done) return 0;
    if (bytes.length > 0) this.#started = true;
    const start = this.#state === State.Fields ? 0 : this.#parseLine(bytes);
    if (this.#state !== State.Fields) return start;
    const end = this.#section.parse(bytes, start);
    if (this.#section.done) {
      this.#state = State.Done;
      this.#head = readResponseHead({
        version: this.#version.version,
        status: this.#status,
        reason: this.#reason,
        fields: this.#section.fields,
      }, this.#method);
    }
    return end;
  }

  // RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ] CRLF
  #parseLine(bytes: Uint8Array): number {
    let i = 0;
    while (i < bytes.length && this.#state < State.Fields) {
      const byte = bytes[i] as number;
      switch (this.#state) {
        case State.Version:
          this.#version.parse(byte);
          i++;
          if (this.#version.done) this.#state = State.StatusStart;
          break;
        case State.StatusStart:
          if (byte !== SP) throw badLine(byte);
          i++;
          this.#state = State.Status;
          break;
        case State.Status:
          this.#readStatus(byte);
          i++;
          break;
        case State.ReasonStart:
          if (byte !== SP) throw badLine(byte);
          i++;
          this.#state = State.Reason;
          break;
        case State.Reason:
          i = this.#readReason(bytes, i);
          break;
        case State.LineLf:
          if (byte !== LF) throw new HttpResponseError("bare_cr");
          i++;
          this.#beginFields();
          this.#state = State.Fields;
          break;
      }
    }
    return i;
  }

  #readStatus(byte: number): void {
    if (!((CHAR_CLASS[byte] as number) & DIGIT)) throw badLine(byte);
    // RFC 9110 §15: a status has three digits, and is valid from 100 to 599.
    if (this.#status === 0 && (byte === ZERO || byte > FIVE)) {
      throw new HttpResponseError("bad_status");
    }
    this.#status = this.#status * 10 + byte - ZERO;
    if (this.#status >= LOWEST_STATUS) this.#state = State.ReasonStart;
  }

  #readReason(bytes: Uint8Array, start: number): number {
    const most = this.#limits.maxHeadBytes - LINE_OVERHEAD -
      this.#reason.length;
    let i = start;
    while (
      i < bytes.length &&
      (CHAR_CLASS[bytes[i] as number] as number) & FIELD_VALUE
    ) i++;
    if (i - start > most) throw new HttpResponseError("head_too_large");
    this.#reason += decodeLatin1(bytes, { start, end: i, ascii: false });
    if (i === bytes.length) return i;
    if (bytes[i] !== CR) throw badLine(bytes[i] as number);
    this.#state = State.LineLf;
    return i + 1;
  }

  #beginFields(): void {
    const lineBytes = this.#reason.length + LINE_OVERHEAD;
    this.#section.reset(this.#limits.maxHeadBytes - lineBytes);
  }
}

function badLine(byte: number): HttpResponseError {
  return new HttpResponseError(byte === LF ? "bare_lf" : "bad_status_line");
}
