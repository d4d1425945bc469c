import { encodeBase64 } from "@std/encoding";
import { isToken, parseTokenList } from "../http1/mod.ts";
import { confirmDeflate, offerDeflate } from "./deflate_negotiation.ts";
import type { DeflateOptions } from "./deflate_options.ts";
import { ExtensionError } from "./extension_error.ts";
import { acceptKey } from "./handshake.ts";
import type { AgreedDeflate } from "./protocol.ts";

const VERSION = "13";

/**
 * Every way in which an opening handshake of this side fails once there is a
 * valid answer, or none in time: a stable code, and a sentence for the person
 * who runs the client.
 */
export const CLIENT_HANDSHAKE_ERRORS = {
  handshake_refused: "The server did not switch to WebSocket.",
  upgrade_wrong: "The server switched to another protocol than websocket.",
  connection_wrong: "The Connection of the answer does not contain upgrade.",
  accept_wrong: "The Sec-WebSocket-Accept of the answer does not fit the key.",
  extensions_wrong:
    "The server agreed to extensions that this side cannot go on with.",
  subprotocol_not_offered:
    "The server chose a subprotocol that was not offered.",
  proxy_refused: "The proxy did not make a tunnel to the server.",
  proxy_spoke_first: "Something came through the proxy before TLS had begun.",
  handshake_timeout: "The WebSocket did not open in time.",
} as const satisfies Record<string, string>;

/** The stable code of a {@linkcode WebSocketHandshakeError}. */
export type ClientHandshakeErrorCode = keyof typeof CLIENT_HANDSHAKE_ERRORS;

/** What a {@linkcode WebSocketHandshakeError} carries besides its code. */
export interface WebSocketHandshakeErrorOptions extends ErrorOptions {
  /** The answer that was not good. Default: there was none. */
  readonly response?: Response;
}

/** An opening handshake of a client that failed (RFC 6455 §4.1). */
export class WebSocketHandshakeError extends Error {
  /** The name of this class. */
  override readonly name = "WebSocketHandshakeError";
  /** What went wrong; never changes between versions. */
  readonly code: ClientHandshakeErrorCode;
  /**
   * The answer of the server or the proxy, if there was one: its status, its
   * fields, and its body as far as `connectWebSocket()` keeps it.
   */
  readonly response: Response | undefined;

  /** Makes the error of one failure, with the words of its table. */
  constructor(
    code: ClientHandshakeErrorCode,
    { response, ...options }: WebSocketHandshakeErrorOptions = {},
  ) {
    const status = response === undefined
      ? ""
      : ` The answer had status ${response.status}.`;
    super(CLIENT_HANDSHAKE_ERRORS[code] + status, options);
    this.code = code;
    this.response = response;
  }
}

/** What a client offers in the opening handshake. */
export interface ClientHandshakeOptions {
  /**
   * The subprotocols that are offered, best first (RFC 6455 §1.9). A server may
   * choose none. Default: none.
   */
  readonly protocols?: readonly string[];
  /**
   * Further fields of the request, such as `Authorization`, `Cookie` or
   * `Origin`. Default: none.
   */
  readonly headers?: HeadersInit;
  /**
   * Whether compression is offered (RFC 7692), and how. It costs both sides
   * time, and memory where a context is taken over. Default: `false`.
   */
  readonly deflate?: boolean | DeflateOptions;
}

/** A client's side of an opening handshake, ready to be sent. */
export interface ClientHandshake {
  /** The fields of the request; `Host` is not among them. */
  readonly headers: Headers;
  /** What `Sec-WebSocket-Key` says. */
  readonly key: string;
  /** The subprotocols that are offered. */
  readonly protocols: readonly string[];
  /** The compression that is offered, if it is. */
  readonly deflate: DeflateOptions | undefined;
}

/** What both sides have agreed on. */
export interface AgreedHandshake {
  /** The subprotocol, or an empty string. */
  readonly protocol: string;
  /** The extensions as in their field, or an empty string. */
  readonly extensions: string;
  /** How messages are compressed, if they are. */
  readonly deflate: AgreedDeflate | undefined;
}

/**
 * Reads the URL of a WebSocket: ws, wss, or http and https, which mean the same
 * (RFC 6455 §3). Throws a `TypeError` for any other, and for one with a fragment,
 * a user name or a password.
 *
 * ```ts
 * import { readWebSocketUrl } from "./client_handshake.ts";
 *
 * readWebSocketUrl("https://a.example/chat").href; // "wss://a.example/chat"
 * ```
 */
export function readWebSocketUrl(url: string | URL): URL {
  const read = new URL(url);
  read.protocol = read.protocol.replace(/^http/, "ws");
  if (read.protocol !== "ws:" && read.protocol !== "wss:") {
    throw cannotConnect(`the scheme of its URL is ${read.protocol}`);
  }
  // RFC 6455 §3; also an empty one.
  if (read.href.includes("#")) throw cannotConnect("its URL has a fragment");
  // RFC 6455 §3 knows no user information; who wants it sends Authorization.
  if (read.username !== "" || read.password !== "") {
    throw cannotConnect("its URL has a user name or a password");
  }
  return read;
}

/**
 * Makes a client's opening handshake, with a new key (RFC 6455 §4.1).
 *
 * Throws a `TypeError` when a subprotocol is no token or is there twice, and when
 * the handshake itself decides about a given field; a `RangeError` when an option
 * of `deflate` is out of its range.
 */
export function offerHandshake(
  options: ClientHandshakeOptions = {},
): ClientHandshake {
  const { protocols = [], deflate = false } = options;
  // RFC 6455 §4.1, 10 of the request.
  if (!protocols.every(isToken)) {
    throw cannotConnect("a subprotocol is not a token");
  }
  if (new Set(protocols).size < protocols.length) {
    throw cannotConnect("a subprotocol is offered twice");
  }
  const headers = new Headers(options.headers);
  headers.forEach((_value, name) => {
    if (!isOwn(name)) return;
    throw cannotConnect(`the handshake itself decides about ${name}`);
  });
  // RFC 6455 §4.1, 7 of the request: random, and new for each connection.
  const key = encodeBase64(crypto.getRandomValues(new Uint8Array(16)));
  const offered = deflate === true ? {} : deflate || undefined;
  headers.set("upgrade", "websocket");
  headers.set("connection", "Upgrade");
  headers.set("sec-websocket-key", key);
  headers.set("sec-websocket-version", VERSION);
  if (protocols.length > 0) {
    headers.set("sec-websocket-protocol", protocols.join(", "));
  }
  if (offered !== undefined) {
    headers.set("sec-websocket-extensions", offerDeflate(offered));
  }
  return { headers, key, protocols, deflate: offered };
}

/**
 * Checks the answer to what {@linkcode offerHandshake} has made (RFC 6455 §4.1).
 * Throws a {@linkcode WebSocketHandshakeError} when it is not good.
 */
export function checkAnswer(
  response: Response,
  offer: ClientHandshake,
): AgreedHandshake {
  const { status, headers } = response;
  const demand = (isGood: boolean, code: ClientHandshakeErrorCode) => {
    if (!isGood) throw new WebSocketHandshakeError(code, { response });
  };
  // RFC 6455 §4.1, 1 of the answer. A redirect could be followed, and is not:
  // it might lead credentials to another server.
  demand(status === 101, "handshake_refused");
  // 2 and 3.
  const upgrade = headers.get("upgrade") ?? "";
  demand(upgrade.toLowerCase() === "websocket", "upgrade_wrong");
  const connection = parseTokenList([headers.get("connection") ?? ""]) ?? [];
  demand(connection.includes("upgrade"), "connection_wrong");
  // 4.
  const accept = headers.get("sec-websocket-accept");
  demand(accept === acceptKey(offer.key), "accept_wrong");
  // 5.
  const deflate = agreeOnDeflate(response, offer);
  // 6. Names are compared exactly, and two fields name nothing that was offered.
  const protocol = headers.get("sec-websocket-protocol");
  demand(
    protocol === null || offer.protocols.includes(protocol),
    "subprotocol_not_offered",
  );
  return {
    protocol: protocol ?? "",
    extensions: headers.get("sec-websocket-extensions") ?? "",
    deflate,
  };
}

function agreeOnDeflate(
  response: Response,
  { deflate: options }: ClientHandshake,
): AgreedDeflate | undefined {
  const answer = response.headers.get("sec-websocket-extensions");
  try {
    const params = confirmDeflate(answer, options);
    return params && options && { params, options };
  } catch (cause) {
    if (!(cause instanceof ExtensionError)) throw cause;
    throw new WebSocketHandshakeError("extensions_wrong", { response, cause });
  }
}

/** Whether a field is one that no option may set. */
function isOwn(name: string): boolean {
  switch (name) {
    case "connection":
    case "content-length":
    case "host":
    case "transfer-encoding":
    case "upgrade":
      return true;
  }
  return name.startsWith("sec-websocket-");
}

/** The error of what the caller asks for and cannot have. */
export function cannotConnect(why: string): TypeError {
  return new TypeError(`Cannot open a WebSocket: ${why}`);
}
