import { HttpError, type RequestHead } from "./http1/mod.ts";

// Methods that `new Request()` takes as they are. It refuses CONNECT and TRACE,
// changes the case of others, and refuses a body with GET or HEAD.
const ORDINARY = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);

/**
 * A request as it came: with any method, and with a body for any of them.
 *
 * Its signal aborts when the client leaves before it has the response. It is
 * made when it is first asked for, because most handlers never do.
 */
export class ServedRequest extends Request {
  readonly #method: string;
  #abort: AbortController | undefined;
  #gone: { reason: unknown } | undefined;

  /** Makes a request whose method may be one that `new Request()` refuses. */
  constructor(url: string, init: RequestInit, method: string) {
    const bodyless = method === "GET" || method === "HEAD";
    const ordinary = ORDINARY.has(method) &&
      !(bodyless && init.body !== undefined);
    super(url, { ...init, method: ordinary ? method : "POST" });
    this.#method = method;
  }

  /** The method as it came, in its own case. */
  override get method(): string {
    return this.#method;
  }

  /** Aborts when the client leaves before it has the response. */
  override get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#gone !== undefined) this.#abort.abort(this.#gone.reason);
    }
    return this.#abort.signal;
  }

  /** Aborts the signal of a request whose client has left. */
  static abort(request: ServedRequest, reason: unknown): void {
    request.#gone = { reason };
    request.#abort?.abort(reason);
  }
}

/** What a proxy that is trusted says of the URL that the client asked for. */
export interface ForwardedUrl {
  /** The scheme, if it is told. */
  readonly scheme?: "http" | "https";
  /** The host and port, if they are told. */
  readonly authority?: string;
}

/** What a request's head does not say. */
export interface RequestContext {
  /** The scheme of the connection. */
  readonly scheme: "http" | "https";
  /** What a trusted proxy says instead of scheme and authority. */
  readonly forwarded?: ForwardedUrl;
  /** The authority of a request that names none, HTTP/1.0 without Host. */
  readonly defaultAuthority: string;
  /** The body, unless the request has none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
}

/**
 * Makes a web-standard Request of a request's head.
 *
 * The URL is that of RFC 9112 §3.3; for CONNECT it names the authority only, and
 * `*` is its path for `OPTIONS *`. Throws `bad_target` when it is no valid URL,
 * and `misdirected` when it is one of another scheme than the connection's.
 */
export function makeRequest(
  head: RequestHead,
  context: RequestContext,
): ServedRequest {
  const { method, form, target } = head;
  const { body } = context;
  const { forwarded } = context;
  const authority = forwarded?.authority ??
    (head.authority || context.defaultAuthority);
  const path = head.path.startsWith("/") ? head.path : `/${head.path}`;
  const scheme = `${context.scheme}://`;
  const url = `${forwarded?.scheme ?? context.scheme}://${authority}${path}`;
  // RFC 9110 §7.4: https is not to be served where no TLS was.
  if (form === "absolute" && !target.toLowerCase().startsWith(scheme)) {
    throw new HttpError("misdirected");
  }
  // As the host of an absolute target does (RFC 9112 §3.2.2), so that whoever
  // reads Host sees the one that the client asked for.
  const fields = forwarded?.authority === undefined
    ? head.fields
    : head.fields.map((line) =>
      line[0] === "host" ? ["host", authority] : line
    );
  const init: RequestInit = {
    headers: fields as [string, string][],
    ...(body !== undefined && { body, duplex: "half" }),
  };
  try {
    return new ServedRequest(url, init, method);
  } catch (cause) {
    throw new HttpError("bad_target", { cause });
  }
}
