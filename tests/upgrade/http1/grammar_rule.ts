import type {
  BodyLimits,
  HeadLimits,
  HttpErrorCode,
  RequestHead,
} from "../../../upgrade/http1/mod.ts";

/** The bounds of heads and bodies. */
export type Limits = Partial<HeadLimits & BodyLimits>;

/** What a request is read as. Parts of the head that are missing may be any. */
export interface Expected extends Partial<RequestHead> {
  /**
   * Whether a further request can follow. Default: `true`.
   *
   * None does after authority-form either: what follows it is a tunnel's.
   */
  readonly keepAlive?: boolean;
  /** The content of the body. Default: none. */
  readonly content?: string;
}

/** A text, and what the request is read as besides what the rule says. */
export type Accepted = string | readonly [text: string, expected: Expected];

/** The status and the code with which the request is refused for each text. */
export type Rejected = readonly [
  status: number,
  code: HttpErrorCode,
  ...texts: string[],
];

/**
 * One rule of the grammar: texts that it allows in a request, and texts that it
 * does not. One character of them is one byte.
 */
export interface Rule {
  /** What the rule says, and where that is written. */
  readonly rule: string;
  /** A request, in which {@linkcode HOLE} stands for the text. */
  readonly request: string;
  /** The bounds in force. Default: those of the parsers. */
  readonly limits?: Limits;
  /** What the request is read as, for all accepted texts. */
  readonly gives?: Expected;
  /** The texts with which the request is accepted. */
  readonly accepted: readonly [Accepted, ...Accepted[]];
  /** Those with which it is refused. */
  readonly rejected: readonly [Rejected, ...Rejected[]];
  /**
   * Whether a rejected text is refused at its last byte at the latest. Default:
   * by the end of the request.
   */
  readonly atOnce?: true;
}

/** Stands in a {@linkcode Rule} for its texts; no byte is this character. */
export const HOLE = "…";

/** Control characters but HTAB, LF and CR, and DEL. */
export const CONTROLS: readonly string[] = [
  ..."\0\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13",
  ..."\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f",
];

/** The lowest and the highest bytes above ASCII, and some that trick readers. */
export const NOT_ASCII: readonly string[] = [..."\x80\x85\x8a\x8d\xa0\xe9\xff"];

/** Every character that a token may have, RFC 9110 §5.6.2, letters in part. */
export const TOKEN_CHARS = "09AZaz!#$%&'*+-.^_`|~";

/** Every visible ASCII character that a token may not have. */
export const DELIMITERS: readonly string[] = [...'"(),/:;<=>?@[\\]{}'];

/** Every visible character: `VCHAR` and `obs-text`, RFC 9110 §5.5. */
export const VISIBLE: string = Array.from(
  { length: 0x100 },
  (_, code) => String.fromCharCode(code),
).filter((char) => char > " " && char !== "\x7f").join("");
