import { deferred, forwardSlots } from "./_deferred.ts";
import { FieldHeaders } from "./_field_headers.ts";
import { type FieldLines, HttpError, type RequestHead } from "./http1/mod.ts";

// Methods that `new Request()` refuses, and those that it puts into capitals.
const REFUSED = new Set(["CONNECT", "TRACE", "TRACK"]);
const CAPITALISED = new Set([
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
]);

/** Where interim responses to a request go. */
export interface InterimWriter {
  /** Writes an interim response; rejects once the final one has begun. */
  writeInterim(status: number, fields: Headers): Promise<void>;
}

/** What a {@linkcode ServedRequest} is made of. */
export interface RequestSource {
  /** A valid URL. */
  readonly url: string;
  /** The method; it may be one that `new Request()` refuses. */
  readonly method: string;
  /** The field lines. */
  readonly fields: FieldLines;
  /** The body, unless the request has none. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Where interim responses go. */
  readonly interim: InterimWriter;
}

/** Whether `new Request()` takes a method, and takes it as it is. */
function isKept(method: string): boolean {
  const capitals = method.toUpperCase();
  if (REFUSED.has(capitals)) return false;
  return method === capitals || !CAPITALISED.has(capitals);
}

/**
 * A request as it came: with any method, and with a body for any of them.
 *
 * To make a `Request` takes half as long as all else that is done to answer
 * one, and many handlers need its URL and its headers at most. So the real one
 * is made when something of it is asked for that is not here. Its headers are
 * immutable, as those of a `FetchEvent` are.
 *
 * Its signal aborts when the client leaves before it has the response; while
 * some of the body has not been read, nobody can tell that it has.
 *
 * A copy of it has the method POST where `new Request()` would refuse its own:
 * CONNECT, TRACE, or GET with a body.
 */
export class ServedRequest extends deferred(Request) {
  readonly #source: RequestSource;
  #url: string | undefined;
  #headers: Headers | undefined;
  #made: Request | undefined;
  #abort: AbortController | undefined;
  #gone: { reason: unknown } | undefined;

  static {
    forwardSlots<ServedRequest>(this.prototype, {
      sample: new Request("http://localhost/"),
      realOf: (request) => request.#made ??= request.#make(),
    });
  }

  /** Makes a request that is known to be valid. */
  constructor(source: RequestSource) {
    super();
    this.#source = source;
  }

  #make(): Request {
    const { url, method, fields, body } = this.#source;
    const bodyless = method === "GET" || method === "HEAD";
    const kept = isKept(method) && !(bodyless && body !== undefined);
    return new Request(url, {
      method: kept ? method : "POST",
      headers: fields as [string, string][],
      signal: this.signal,
      ...(body !== undefined && { body, duplex: "half" }),
    });
  }

  /** The method as it came, in its own case. */
  override get method(): string {
    return this.#source.method;
  }

  /** The URL, normalised as every `Request` does. */
  override get url(): string {
    return this.#url ??= new URL(this.#source.url).href;
  }

  /** The fields, which are immutable. */
  override get headers(): Headers {
    return this.#headers ??= new FieldHeaders(this.#source.fields);
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

  /** Where interim responses to a request go, if it is one of a server. */
  static interimOf(request: Request): InterimWriter | undefined {
    return #source in request ? request.#source.interim : undefined;
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
  /** Where interim responses go. */
  readonly interim: InterimWriter;
}

/**
 * Makes a web-standard Request of a request's head.
 *
 * The URL is that of RFC 9112 §3.3; for CONNECT it names the authority only, and
 * `*` is its path for `OPTIONS *`. Throws `misdirected` when its scheme is not
 * the connection's.
 */
export function makeRequest(
  head: RequestHead,
  context: RequestContext,
): ServedRequest {
  const { method, form, target } = head;
  const { body, forwarded, interim } = context;
  // RFC 9112 §3.2.3: where CONNECT leads is what it asks for itself.
  const told = form === "authority" ? undefined : forwarded?.authority;
  const authority = told ?? (head.authority || context.defaultAuthority);
  const path = head.path.startsWith("/") ? head.path : `/${head.path}`;
  const scheme = `${context.scheme}://`;
  const url = `${forwarded?.scheme ?? context.scheme}://${authority}${path}`;
  // RFC 9110 §7.4: https is not to be served where no TLS was.
  if (form === "absolute" && !target.toLowerCase().startsWith(scheme)) {
    throw new HttpError("misdirected");
  }
  // As the host of an absolute target does (RFC 9112 §3.2.2), so that whoever
  // reads Host sees the one that the client asked for.
  const fields: FieldLines = told === undefined
    ? head.fields
    : head.fields.map((line) =>
      line[0] === "host" ? ["host", authority] : line
    );
  return new ServedRequest({ url, method, fields, body, interim });
}
