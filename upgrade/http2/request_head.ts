import { isMadeOf, TARGET } from "../http1/char_class.ts";
import {
  DEFAULT_HEAD_LIMITS,
  type HeadLimits,
  HttpError,
  isFieldValue,
  isToken,
  parseRequestTarget,
  type RequestHead,
  trimOws,
} from "../http1/mod.ts";
import { readRequestHead } from "../http1/request_head.ts";

// As for HTTP/1.1: the longest registered method has 17 characters.
const MAX_METHOD_BYTES = 32;
// What a field line takes in HTTP/1.1 besides its name and its value.
const LINE_OVERHEAD = ": \r\n".length;

/** What a request says over HTTP/2. */
export interface Http2Request {
  /**
   * Its head as HTTP/1.1 would have it: `:authority` is the Host field, and all
   * cookies stand on one line.
   */
  readonly head: RequestHead;
  /** The scheme that the client names, in lower case. */
  readonly scheme: string;
}

/**
 * Reads the head of a request: its names and values in turn, the pseudo-header
 * fields of RFC 9113 §8.3.1 among them.
 *
 * That these are there and come first, once and in lower case, that no field
 * belongs to a connection, and that the body has the length that is announced, is
 * left to the engine that has taken the fields out of their frames (RFC 9113
 * §8.1.1); it drops fields that are not well formed without a word. What the
 * others say is judged as strictly as in HTTP/1.1.
 *
 * @throws {HttpError} as `HeadParser` does, and `connect_over_http2`
 *
 * @example
 * ```ts
 * import { readHttp2Request } from "./request_head.ts";
 *
 * const { head } = readHttp2Request(
 *   [":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/b?c"],
 * );
 * head.fields; // [["host", "a"]]
 * ```
 */
export function readHttp2Request(
  raw: readonly string[],
  limits: Partial<HeadLimits> = {},
): Http2Request {
  const { pseudo, lines } = readLines(raw, {
    ...DEFAULT_HEAD_LIMITS,
    ...limits,
  });
  const method = readMethod(pseudo.get(":method") ?? "");
  const path = readPath(pseudo.get(":path") ?? "", limits);
  const head = readRequestHead({
    method,
    target: path,
    parsedTarget: parseRequestTarget(method, path),
    version: "HTTP/1.1",
    fields: withHost(lines, pseudo.get(":authority")),
  });
  return {
    // Only 100-continue gets here; the body need not have announced a length.
    head: {
      ...head,
      expectsContinue: lines.some(([name]) => name === "expect"),
    },
    scheme: (pseudo.get(":scheme") ?? "").toLowerCase(),
  };
}

function readLines(
  raw: readonly string[],
  { maxFields, maxHeadBytes }: HeadLimits,
): { pseudo: Map<string, string>; lines: [name: string, value: string][] } {
  const pseudo = new Map<string, string>();
  const lines: [name: string, value: string][] = [];
  let cookies: [name: string, value: string] | undefined;
  let count = 0;
  let bytes = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    const value = trimOws(raw[i + 1]!);
    bytes += name.length + value.length + LINE_OVERHEAD;
    if (bytes > maxHeadBytes) throw new HttpError("head_too_large");
    if (!isFieldValue(value)) throw new HttpError("bad_field_value");
    if (name.startsWith(":")) {
      pseudo.set(name, value);
      continue;
    }
    if (!isToken(name)) throw new HttpError("bad_field_name");
    // RFC 9113 §8.2.3: a client may cut its cookies apart; in front of whatever
    // knows only one Cookie field, they are put together again.
    if (name === "cookie" && cookies !== undefined) {
      cookies[1] += `; ${value}`;
      continue;
    }
    if (++count > maxFields) throw new HttpError("too_many_fields");
    const line: [string, string] = [name, value];
    if (name === "cookie") cookies = line;
    lines.push(line);
  }
  return { pseudo, lines };
}

function readMethod(method: string): string {
  if (!isToken(method)) throw new HttpError("bad_method");
  if (method.length > MAX_METHOD_BYTES) throw new HttpError("method_too_long");
  // RFC 9113 §8.5: the tunnel of such a request would be one stream of several.
  if (method === "CONNECT") throw new HttpError("connect_over_http2");
  return method;
}

/** Checks what the parser of HTTP/1.1 sees as the target comes. */
function readPath(
  path: string,
  { maxTargetBytes = DEFAULT_HEAD_LIMITS.maxTargetBytes }: Partial<HeadLimits>,
): string {
  if (path.length > maxTargetBytes) throw new HttpError("target_too_long");
  // RFC 9113 §8.3.1: never an absolute form, as HTTP/1.1 may have.
  const isPath = path.startsWith("/") || path === "*";
  const unescaped = path.replaceAll(/%[\dA-Fa-f]{2}/g, "");
  if (!isPath || !isMadeOf(unescaped, TARGET)) {
    throw new HttpError("bad_target");
  }
  return path;
}

/** The field lines with `:authority` for Host. */
function withHost(
  lines: readonly (readonly [name: string, value: string])[],
  authority: string | undefined,
): RequestHead["fields"] {
  if (authority === undefined) return lines;
  const host = lines.find(([name]) => name === "host");
  if (host === undefined) return [["host", authority], ...lines];
  // RFC 9113 §8.3.1: such a request is malformed when the two differ.
  if (host[1].toLowerCase() !== authority.toLowerCase()) {
    throw new HttpError("bad_host");
  }
  return lines;
}
