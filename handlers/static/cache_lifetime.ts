/** For what can change: kept, but asked for again before each use. */
export const REVALIDATED = "no-cache";
/** For what never changes (RFC 8246): kept for a year without asking. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

const HASHED_NAME = /[.-](?<hash>\w{8,64})(?:\.[a-z]\w*){1,2}$/i;
const PAGE = /\.html?$/i;
// Shorter or longer ones are not made by any tool in wide use.
const BASE64URL_LENGTH = 8;

/**
 * The `Cache-Control` of a file by its name (RFC 9111 §5.2.2).
 *
 * A name that contains a hash of the content is {@linkcode IMMUTABLE}, since
 * other content would have another name; all others are
 * {@linkcode REVALIDATED}. A hash stands after the last `.` or `-` before the
 * extension, or before two of them as in `.js.map`, and is one of
 *
 * - 8 to 64 digits of lower-case hexadecimal, with a letter and a decimal digit
 *   among them: `app.0123abcd.js`;
 * - 8 characters of `A-Z`, `a-z`, `0-9` and `_`, with a capital among them, and
 *   a digit that is not at the end: `app-B1h3kLmn.js`.
 *
 * What a person could have written is rather not taken for a hash: dates
 * (`report-20260101.pdf`), numbered words (`book-Chapter1.pdf`), numbered photos
 * (`trip-IMG_0042.jpg`), and pages, whose address has to stay.
 *
 * @param name The last segment of the file's path.
 */
export function cacheLifetime(name: string): string {
  const hash = HASHED_NAME.exec(name)?.groups?.hash;
  const isHashed = hash !== undefined && !PAGE.test(name) && isHash(hash);
  return isHashed ? IMMUTABLE : REVALIDATED;
}

function isHash(text: string): boolean {
  if (/^[0-9a-f]+$/.test(text)) return /[0-9]/.test(text) && /[a-f]/.test(text);
  return text.length === BASE64URL_LENGTH && /[A-Z]/.test(text) &&
    /[0-9]+[A-Za-z]/.test(text);
}
