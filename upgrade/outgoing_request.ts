import {
  formatRequestHead,
  HttpError,
  parseProtocolList,
  parseRequestTarget,
  parseTokenList,
} from "./http1/mod.ts";

// RFC 9110 §8.6: these say with Content-Length that they have no content.
const WITH_CONTENT: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** A request as it is to be written. */
export interface OutgoingRequest {
  /** The method. */
  readonly method: string;
  /** The whole head, but for the field that frames the body. */
  readonly head: string;
  /** Whether the connection may serve a further request. */
  readonly keepAlive: boolean;
  /** The body, if there is one. */
  readonly body: ReadableStream<Uint8Array> | null;
  /** The length that the request says the body has, if it says one. */
  readonly contentLength: number | undefined;
  /** Whether the body waits for 100 (Continue). */
  readonly expectsContinue: boolean;
  /** The protocols that the server may switch to. */
  readonly offered: readonly string[];
  /** Aborts the exchange. */
  readonly signal: AbortSignal | undefined;
}

/** What of a request its `Request` does not say. */
export interface RequestTargeting {
  /** The request target instead of the URL's path and query. */
  readonly target: string | undefined;
  /** Whether the connection has TLS. */
  readonly isSecure: boolean;
}

/** Reads a Request. Throws a `TypeError` when it cannot be sent. */
export function readRequest(
  request: Request,
  { target, isSecure }: RequestTargeting,
): OutgoingRequest {
  const { method, body, headers, signal } = request;
  if (method === "CONNECT") throw cannotSend("CONNECT has sendConnect()");
  const url = new URL(request.url);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw cannotSend(`the scheme of its URL is ${url.protocol}`);
  }
  // RFC 9110 §4.2.2: not before the connection is secured.
  if (url.protocol === "https:" && !isSecure) {
    throw cannotSend("https needs a connection with TLS");
  }
  // RFC 9110 §4.2.4: user information is not sent in a target.
  if (url.username !== "" || url.password !== "") {
    throw cannotSend("its URL has a user name or a password");
  }
  if (request.bodyUsed || body?.locked) {
    throw cannotSend("its body is locked or has been read");
  }
  const named = target === undefined ? "" : authorityIn(method, target);
  return read({
    method,
    target: target ?? url.pathname + url.search,
    // RFC 9112 §3.2.2: Host is the authority of the target if it has one.
    host: headers.get("host") ?? (named || url.host),
    headers,
    body,
    signal,
  });
}

/** Makes a CONNECT. Throws a `TypeError` when it cannot be sent. */
export function readConnect(
  authority: string,
  { headers, signal }: {
    readonly headers?: HeadersInit | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): OutgoingRequest {
  const method = "CONNECT";
  return read({
    method,
    // RFC 9112 §3.2.3: the target is the authority, which RFC 9110 §9.3.6 has in
    // Host as well.
    target: authority,
    host: authorityIn(method, authority),
    headers: new Headers(headers),
    body: null,
    signal,
  });
}

/** The whole head of a request whose body has this length, or is chunked. */
export function headWith(
  { head }: OutgoingRequest,
  length: number | "chunked",
): string {
  const line = length === "chunked"
    ? "Transfer-Encoding: chunked"
    : `Content-Length: ${length}`;
  // Before the empty line.
  return `${head.slice(0, -2)}${line}\r\n\r\n`;
}

/** The parts of a request, not checked yet. */
interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal | undefined;
}

function read(parts: RequestParts): OutgoingRequest {
  const { method, target, host, headers, body, signal } = parts;
  const fields: [name: string, value: string][] = [];
  let connection: string[] = [];
  let contentLength = body === null && WITH_CONTENT.has(method) ? 0 : undefined;
  let expectsContinue = false;
  let offered: string[] = [];
  headers.forEach((value, name) => {
    switch (name) {
      // How the body is framed is said by who writes it.
      case "host":
      case "transfer-encoding":
        break;
      case "connection":
        connection = readList(name, parseTokenList([value]));
        break;
      case "content-length":
        contentLength = readLength(value, body);
        break;
      case "expect":
        expectsContinue = body !== null &&
          value.toLowerCase() === "100-continue";
        // RFC 9110 §10.1.1: not without content.
        if (body !== null) fields.push([name, value]);
        break;
      case "upgrade":
        offered = readList(name, parseProtocolList([value]));
        fields.push([name, value]);
        break;
      default:
        fields.push([name, value]);
    }
  });
  // RFC 9110 §7.8: whoever sends Upgrade lists it in Connection.
  if (offered.length > 0 && !connection.includes("upgrade")) {
    connection.push("upgrade");
  }
  if (connection.length > 0) fields.push(["connection", connection.join(", ")]);
  return {
    method,
    head: formatRequestHead({ method, target, host, fields }),
    keepAlive: !connection.includes("close"),
    body,
    contentLength,
    expectsContinue,
    offered,
    signal,
  };
}

function readList(name: string, list: string[] | undefined): string[] {
  if (list === undefined) throw cannotSend(`the field ${name} is not a list`);
  return list;
}

function readLength(value: string, body: ReadableStream | null): number {
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw cannotSend("its Content-Length is not a whole number");
  }
  if (body === null && length > 0) {
    throw cannotSend("it has a Content-Length, but no body");
  }
  return length;
}

/** The authority that a target names; empty if it has none. */
function authorityIn(method: string, target: string): string {
  try {
    return parseRequestTarget(method, target).authority;
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    const words = `${method} has no target ${JSON.stringify(target)}`;
    throw cannotSend(words, { cause });
  }
}

function cannotSend(why: string, options?: ErrorOptions): TypeError {
  return new TypeError(`Cannot send a request: ${why}`, options);
}
