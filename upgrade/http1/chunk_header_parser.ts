import {
  BACKSLASH,
  CHAR_CLASS,
  CR,
  DIGIT,
  DQUOTE,
  EQUALS,
  FIELD_VALUE,
  HEX,
  LF,
  SEMICOLON,
  TOKEN,
  WHITE_SPACE,
} from "./char_class.ts";
import { HttpError } from "./errors.ts";

const State = {
  SizeStart: 0,
  Size: 1,
  BeforeSemicolon: 2,
  NameStart: 3,
  Name: 4,
  AfterName: 5,
  ValueStart: 6,
  Token: 7,
  Quoted: 8,
  QuotedPair: 9,
  AfterQuoted: 10,
  Lf: 11,
  Done: 12,
} as const;

type State = typeof State[keyof typeof State];

// 2^64 - 1 has this many digits; so many zeros may lead a smaller size.
const MAX_SIZE_DIGITS = 16;

/**
 * Reads the line before the data of a chunk: its size and its extensions,
 * which are checked and ignored (RFC 9112 §7.1 and §7.1.1).
 */
export class ChunkHeaderParser {
  readonly #maxExtensionBytes: number;
  #state: State = State.SizeStart;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;

  /**
   * Makes a parser that refuses more than `maxExtensionBytes` bytes of
   * extensions, except that a byte of data makes up for one before it.
   */
  constructor(maxExtensionBytes: number) {
    this.#maxExtensionBytes = maxExtensionBytes;
  }

  /** Whether the line has been read. */
  get done(): boolean {
    return this.#state === State.Done;
  }

  /** The size of the chunk in bytes, once the line has been read. */
  get size(): number {
    return this.#size;
  }

  /** Makes ready for the line of the next chunk. */
  reset(): void {
    // A peer may annotate the data that it sends, but not send annotations
    // instead of data: what a chunk carries pays for its extensions.
    this.#extensionBytes = Math.max(0, this.#extensionBytes - this.#size);
    this.#state = State.SizeStart;
    this.#size = 0;
    this.#digits = 0;
  }

  /**
   * Reads on at `bytes[start]`. Gives the offset of the first byte after the
   * line, or the length of `bytes` if the line goes on.
   *
   * @throws {HttpError} `bad_chunk_size`, `chunk_too_large`,
   * `bad_chunk_extension`, `chunk_extension_too_long`, `bare_lf`, `bare_cr`
   */
  parse(bytes: Uint8Array, start: number): number {
    let i = start;
    while (i < bytes.length && this.#state !== State.Done) {
      const byte = bytes[i++] as number;
      if (this.#state <= State.Size) {
        this.#readSize(byte);
      } else if (this.#state === State.Lf) {
        if (byte !== LF) throw new HttpError("bare_cr");
        this.#state = State.Done;
      } else {
        this.#readExtension(byte);
      }
    }
    return i;
  }

  #readSize(byte: number): void {
    const charClass = CHAR_CLASS[byte] as number;
    if (charClass & HEX) {
      if (++this.#digits > MAX_SIZE_DIGITS) {
        throw new HttpError("chunk_too_large");
      }
      const digit = charClass & DIGIT ? byte - 0x30 : (byte | 0x20) - 0x57;
      this.#size = this.#size * 16 + digit;
      // RFC 9112 §7.1: a size must not overflow the number that holds it.
      if (this.#size > Number.MAX_SAFE_INTEGER) {
        throw new HttpError("chunk_too_large");
      }
      this.#state = State.Size;
    } else if (this.#state === State.SizeStart) {
      throw new HttpError(byte === LF ? "bare_lf" : "bad_chunk_size");
    } else if (byte === CR) {
      this.#state = State.Lf;
    } else if (byte === SEMICOLON || charClass & WHITE_SPACE) {
      this.#countExtensionByte();
      this.#state = byte === SEMICOLON
        ? State.NameStart
        : State.BeforeSemicolon;
    } else {
      throw new HttpError(byte === LF ? "bare_lf" : "bad_chunk_size");
    }
  }

  // RFC 9112 §7.1.1:
  // chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
  #readExtension(byte: number): void {
    const state = this.#state;
    if (byte === CR && endsExtension(state)) {
      this.#state = State.Lf;
      return;
    }
    this.#countExtensionByte();
    const next = nextState(state, byte);
    if (next === undefined) {
      throw new HttpError(byte === LF ? "bare_lf" : "bad_chunk_extension");
    }
    this.#state = next;
  }

  #countExtensionByte(): void {
    if (++this.#extensionBytes > this.#maxExtensionBytes) {
      throw new HttpError("chunk_extension_too_long");
    }
  }
}

function endsExtension(state: State): boolean {
  return state === State.Name || state === State.Token ||
    state === State.AfterQuoted;
}

function nextState(state: State, byte: number): State | undefined {
  const charClass = CHAR_CLASS[byte] as number;
  const isSpace = charClass & WHITE_SPACE;
  switch (state) {
    case State.BeforeSemicolon:
      if (isSpace) return State.BeforeSemicolon;
      return byte === SEMICOLON ? State.NameStart : undefined;
    case State.NameStart:
      if (isSpace) return State.NameStart;
      return charClass & TOKEN ? State.Name : undefined;
    case State.Name:
      if (charClass & TOKEN) return State.Name;
      return afterName(byte);
    case State.AfterName:
      return afterName(byte);
    case State.ValueStart:
      if (isSpace) return State.ValueStart;
      if (byte === DQUOTE) return State.Quoted;
      return charClass & TOKEN ? State.Token : undefined;
    case State.Token:
      if (charClass & TOKEN) return State.Token;
      return afterValue(byte);
    // RFC 9110 §5.6.4: a quoted string, in which a backslash quotes.
    case State.Quoted:
      if (byte === DQUOTE) return State.AfterQuoted;
      if (byte === BACKSLASH) return State.QuotedPair;
      return charClass & FIELD_VALUE ? State.Quoted : undefined;
    case State.QuotedPair:
      return charClass & FIELD_VALUE ? State.Quoted : undefined;
    case State.AfterQuoted:
      return afterValue(byte);
    default:
      return undefined;
  }
}

function afterName(byte: number): State | undefined {
  if (byte === EQUALS) return State.ValueStart;
  if (byte === SEMICOLON) return State.NameStart;
  return (CHAR_CLASS[byte] as number) & WHITE_SPACE
    ? State.AfterName
    : undefined;
}

function afterValue(byte: number): State | undefined {
  if (byte === SEMICOLON) return State.NameStart;
  return (CHAR_CLASS[byte] as number) & WHITE_SPACE
    ? State.BeforeSemicolon
    : undefined;
}
