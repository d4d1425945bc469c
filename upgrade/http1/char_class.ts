/** HTAB. */
export const HTAB = 0x09;
/** LF. */
export const LF = 0x0a;
/** CR. */
export const CR = 0x0d;
/** SP. */
export const SP = 0x20;
/** `"`. */
export const DQUOTE = 0x22;
/** `%`. */
export const PERCENT = 0x25;
/** `,`. */
export const COMMA = 0x2c;
/** `:`. */
export const COLON = 0x3a;
/** `;`. */
export const SEMICOLON = 0x3b;
/** `=`. */
export const EQUALS = 0x3d;
/** `\`. */
export const BACKSLASH = 0x5c;

/** `tchar`, RFC 9110 §5.6.2. */
export const TOKEN = 1;
/** HTAB, SP, `VCHAR` and `obs-text`: what a value holds, RFC 9110 §5.5. */
export const FIELD_VALUE = 2;
/**
 * What a request target has without the percent sign: `pchar`, `/` and `?` of
 * RFC 3986 §3.3 and §3.4, the brackets of an IPv6 address, and what browsers
 * send as it is although RFC 3986 has them escape it (WHATWG URL,
 * "query percent-encode set"). A backslash is not among it: a URL parser takes
 * one in a path for a slash.
 */
export const TARGET = 4;
/** `HEXDIG` in either case. */
export const HEX = 16;
/** `DIGIT`. */
export const DIGIT = 32;
/** SP and HTAB, RFC 9110 §5.6.3. */
export const WHITE_SPACE = 64;
/** `reg-name` without the percent sign, RFC 3986 §3.2.2. */
export const REG_NAME = 128;

const ALPHA_NUMERIC =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUB_DELIMS = "!$&'()*+,;=";

/**
 * The classes of each byte, as bits. One table for all grammars keeps a scan
 * at one load and one test a byte.
 */
export const CHAR_CLASS: Uint8Array<ArrayBuffer> = classify();

/**
 * Says whether every character of `text` is in a class.
 *
 * An empty text has no character outside it, so the answer is `true`. A
 * character above U+00FF is in no class.
 */
export function isMadeOf(text: string, charClass: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!((CHAR_CLASS[text.charCodeAt(i)] ?? 0) & charClass)) return false;
  }
  return true;
}

function classify(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256);
  const mark = (chars: string, charClass: number): void => {
    for (let i = 0; i < chars.length; i++) {
      const code = chars.charCodeAt(i);
      table[code] = (table[code] ?? 0) | charClass;
    }
  };
  mark(ALPHA_NUMERIC + "!#$%&'*+-.^_`|~", TOKEN);
  mark(ALPHA_NUMERIC + "-._~" + SUB_DELIMS, REG_NAME);
  mark(ALPHA_NUMERIC + "-._~" + SUB_DELIMS + ":@/?", TARGET);
  mark("[]^`{|}", TARGET);
  mark("0123456789", DIGIT | HEX);
  mark("ABCDEFabcdef", HEX);
  mark(" \t", WHITE_SPACE | FIELD_VALUE);
  for (let code = 0x21; code <= 0xff; code++) {
    if (code !== 0x7f) table[code] = (table[code] ?? 0) | FIELD_VALUE;
  }
  return table;
}
