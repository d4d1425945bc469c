import { isAuthority } from "./authority.ts";
import { formatFields } from "./encode.ts";
import { isToken } from "./fields.ts";

/** What {@linkcode formatRequestHead} writes. */
export interface RequestHeadParts {
  /** The method, which is written as it is: methods are case-sensitive. */
  readonly method: string;
  /** The target in any of the four forms of RFC 9112 §3.2. */
  readonly target: string;
  /** The host and port for the Host field. */
  readonly host: string;
  /** The other field lines, written in order and with their case kept. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
}

/**
 * Makes a request head, from the request line to the empty line, of which each
 * character is to be one byte.
 *
 * Nothing in a value can begin a line or a request of its own: what could is
 * refused.
 *
 * @throws {TypeError} if the method or a field name is no token, the target has
 * a character that is no visible ASCII, the host is none, or a value has a
 * control character or one above U+00FF
 *
 * @example
 * ```ts
 * import { formatRequestHead } from "./encode_request.ts";
 *
 * const [method, target, host] = ["GET", "/chat", "a.example"];
 * formatRequestHead({ method, target, host, fields: [["accept", "*\/*"]] });
 * // GET /chat HTTP/1.1␍␊Host: a.example␍␊accept: *\/*␍␊␍␊
 * ```
 */
export function formatRequestHead(parts: RequestHeadParts): string {
  const { method, target, host, fields } = parts;
  if (!isToken(method)) throw refused("method", method);
  if (!/^[!-~]+$/.test(target)) throw refused("target", target);
  if (!isAuthority(host)) throw refused("host", host);
  // RFC 9110 §7.2: Host comes first.
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n` +
    formatFields(fields) + "\r\n";
}

function refused(part: string, value: string): TypeError {
  return new TypeError(
    `Cannot write a request: its ${part} may not be ${JSON.stringify(value)}`,
  );
}
