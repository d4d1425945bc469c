import { CHAR_CLASS, DIGIT } from "./char_class.ts";
import { HttpError } from "./errors.ts";

/** The versions of HTTP that a message may have. */
export type HttpVersion = "HTTP/1.0" | "HTTP/1.1";

const FORM = "HTTP/d.d";
const MAJOR_AT = 5;
const MINOR_AT = 7;
const ONE = 0x31;
const ZERO = 0x30;

/** Reads the version of a message, byte by byte (RFC 9112 §2.3). */
export class VersionParser {
  readonly #malformed: (byte: number) => Error;
  #at = 0;
  #major = 0;
  #version: HttpVersion = "HTTP/1.1";

  /** Throws what `malformed` makes of a byte that no version has there. */
  constructor(malformed: (byte: number) => Error) {
    this.#malformed = malformed;
  }

  /** Whether the last byte has been read. */
  get done(): boolean {
    return this.#at === FORM.length;
  }

  /** The version, once its last byte has been read. */
  get version(): HttpVersion {
    return this.#version;
  }

  /** Makes ready for the next version. */
  reset(): void {
    this.#at = 0;
  }

  /**
   * Reads on.
   *
   * @throws {HttpError} `version_not_supported`
   */
  parse(byte: number): void {
    const at = this.#at++;
    const isDigit = (CHAR_CLASS[byte] as number) & DIGIT;
    if (at === MAJOR_AT) {
      if (!isDigit) throw this.#malformed(byte);
      this.#major = byte;
    } else if (at === MINOR_AT) {
      if (!isDigit) throw this.#malformed(byte);
      // RFC 9110 §15.6.6: 505 for a version that is not served.
      if (this.#major !== ONE || byte > ONE) {
        throw new HttpError("version_not_supported");
      }
      this.#version = byte === ZERO ? "HTTP/1.0" : "HTTP/1.1";
    } else if (byte !== FORM.charCodeAt(at)) {
      throw this.#malformed(byte);
    }
  }
}
