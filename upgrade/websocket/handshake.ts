import { hash } from "node:crypto";
import { acceptDeflate } from "./deflate_negotiation.ts";
import type { DeflateOptions } from "./deflate_options.ts";
import { parseExtensions } from "./extensions.ts";
import type { AgreedDeflate } from "./protocol.ts";
import { HttpError, parseProtocolList, parseTokenList } from "../http1/mod.ts";

const VERSION = "13";
const NO_EXTENSIONS = { extensions: "", deflate: undefined };
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// RFC 6455 §4.1: a nonce of 16 bytes in base64.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Every way in which an opening handshake is refused: a stable code, the status,
 * a sentence for a person, and further fields of the answer.
 */
export const HANDSHAKE_ERRORS = {
  websocket_method: {
    status: 405,
    message: "A WebSocket is opened with GET.",
    headers: [["Allow", "GET"]],
  },
  websocket_required: {
    status: 426,
    message: "This address speaks WebSocket only.",
    headers: [["Upgrade", "websocket"]],
  },
  websocket_connection: {
    status: 400,
    message: "Connection has to contain upgrade.",
  },
  websocket_http_1_1: {
    status: 400,
    message: "A WebSocket is opened with HTTP/1.1.",
  },
  websocket_version_missing: {
    status: 400,
    message: "Sec-WebSocket-Version has to be 13.",
    headers: [["Sec-WebSocket-Version", VERSION]],
  },
  websocket_version: {
    status: 426,
    message: "Sec-WebSocket-Version has to be 13.",
    headers: [["Sec-WebSocket-Version", VERSION], ["Upgrade", "websocket"]],
  },
  websocket_key: {
    status: 400,
    message: "Sec-WebSocket-Key has to be 16 bytes in base64.",
  },
  websocket_origin: {
    status: 403,
    message: "Pages of this origin may not connect here.",
  },
  websocket_protocol: {
    status: 400,
    message: "Sec-WebSocket-Protocol has to be a list of different tokens.",
  },
  websocket_extensions: {
    status: 400,
    message: "Sec-WebSocket-Extensions is not a list of extensions.",
  },
  websocket_protocol_required: {
    status: 400,
    message: "None of the subprotocols that are spoken here was offered.",
  },
} as const;

/** What a server agrees to in the opening handshake. */
export interface HandshakeOptions {
  /**
   * The subprotocols that are spoken, best first (RFC 6455 §1.9). The first one
   * that the client offers is chosen. Default: none.
   */
  readonly protocols?: readonly string[];
  /**
   * Whether a client that offers none of `protocols` is refused with 400.
   * Default: `false`, the connection then has no subprotocol.
   */
  readonly requireProtocol?: boolean;
  /**
   * Origins whose pages may connect besides those of this server itself, such
   * as `https://app.example`. Default: none.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Lets pages of every origin connect, with their users' cookies: any website
   * can then act as whoever visits it. Default: `false`.
   */
  readonly dangerouslyAllowAnyOrigin?: boolean;
  /**
   * Whether messages are compressed if the client offers it (RFC 7692), and how.
   * It costs both sides time, and memory where a context is taken over. Default:
   * `false`.
   */
  readonly deflate?: boolean | DeflateOptions;
}

/** What the server's side of a valid opening handshake comes to. */
export interface Handshake {
  /** The fields of the 101 response. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The subprotocol that was chosen, or an empty string. */
  readonly protocol: string;
  /** The extensions that were agreed on, as in their field; often empty. */
  readonly extensions: string;
  /** How messages are compressed, if they are. */
  readonly deflate: AgreedDeflate | undefined;
}

/** The value of Sec-WebSocket-Accept for a key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  return hash("sha1", key + GUID, "base64");
}

/**
 * Checks a client's opening handshake and says how to answer it (RFC 6455 §4.2).
 *
 * Throws an {@linkcode HttpError} when it is not valid: 405 for another method
 * than GET, 426 for a request that does not ask for a WebSocket or asks for
 * another version, 403 for an origin that may not connect, 400 for all else.
 */
export function checkHandshake(
  request: Request,
  options: HandshakeOptions = {},
): Handshake {
  const { headers } = request;
  if (request.method !== "GET") {
    throw handshakeRefusal("websocket_method");
  }
  checkUpgrade(headers);
  checkVersion(headers);
  const key = headers.get("sec-websocket-key");
  if (key === null || !KEY.test(key)) {
    throw handshakeRefusal("websocket_key");
  }
  checkOrigin(request, options);
  const protocol = chooseProtocol(headers, options);
  const { extensions, deflate } = agreeOnDeflate(headers, options);
  return {
    protocol,
    extensions,
    deflate,
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", acceptKey(key)],
      ...(protocol === ""
        ? []
        : [["Sec-WebSocket-Protocol", protocol] as const]),
      ...(extensions === ""
        ? []
        : [["Sec-WebSocket-Extensions", extensions] as const]),
    ],
  };
}

// RFC 6455 §9.1 and RFC 7692 §5: off unless it is asked for here.
function agreeOnDeflate(
  headers: Headers,
  { deflate = false }: HandshakeOptions,
): Pick<Handshake, "extensions" | "deflate"> {
  const options = deflate === true ? {} : deflate;
  const offers = headers.get("sec-websocket-extensions");
  if (options === false || offers === null) return NO_EXTENSIONS;
  if (parseExtensions(offers) === undefined) {
    throw handshakeRefusal("websocket_extensions");
  }
  const accepted = acceptDeflate(offers, options);
  if (accepted === undefined) return NO_EXTENSIONS;
  const { header, params } = accepted;
  return { extensions: header, deflate: { params, options } };
}

// RFC 6455 §4.2.1, 3 and 4: both fields are lists, compared without case.
function checkUpgrade(headers: Headers): void {
  const upgrade = headers.get("upgrade") ?? "";
  const isOffered = upgrade.toLowerCase() === "websocket" ||
    parseProtocolList([upgrade])?.some((protocol) =>
      protocol.toLowerCase() === "websocket"
    );
  if (!isOffered) throw handshakeRefusal("websocket_required");
  const connection = headers.get("connection") ?? "";
  const isListed = connection.toLowerCase() === "upgrade" ||
    parseTokenList([connection])?.includes("upgrade");
  if (!isListed) throw handshakeRefusal("websocket_connection");
}

// RFC 6455 §4.4.
function checkVersion(headers: Headers): void {
  const version = headers.get("sec-websocket-version");
  if (version === VERSION) return;
  throw handshakeRefusal(
    version === null ? "websocket_version_missing" : "websocket_version",
  );
}

// RFC 6455 §10.2. Browsers send Origin with every WebSocket and never let a page
// set it; other clients have no user whose cookies could be abused.
function checkOrigin(request: Request, options: HandshakeOptions): void {
  const origin = request.headers.get("origin");
  if (origin === null || options.dangerouslyAllowAnyOrigin) return;
  if (options.allowedOrigins?.includes(origin)) return;
  // The scheme is not compared: TLS may end at a proxy before this server.
  const host = hostOf(origin);
  const scheme = origin.slice(0, origin.indexOf(":"));
  if (host !== undefined && host === ownHost(request, scheme)) return;
  throw handshakeRefusal("websocket_origin");
}

function hostOf(origin: string): string | undefined {
  if (!/^https?:\/\//.test(origin)) return undefined;
  const url = URL.parse(origin);
  return url !== null && url.origin === origin ? url.host : undefined;
}

// The default port depends on the scheme, so it is the page's that counts.
function ownHost(request: Request, scheme: string): string | undefined {
  const host = request.headers.get("host");
  return host === null ? undefined : URL.parse(`${scheme}://${host}`)?.host;
}

// RFC 6455 §4.2.1, 8 and §4.1, 10: tokens, none of them twice.
function chooseProtocol(headers: Headers, options: HandshakeOptions): string {
  const { protocols = [] } = options;
  const field = headers.get("sec-websocket-protocol");
  const offered = field === null ? [] : parseProtocols(field);
  if (offered === undefined) {
    throw handshakeRefusal("websocket_protocol");
  }
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (chosen === undefined && options.requireProtocol) {
    throw handshakeRefusal("websocket_protocol_required");
  }
  return chosen ?? "";
}

/** The tokens in their own case: subprotocol names are compared exactly. */
function parseProtocols(field: string): string[] | undefined {
  const lowered = parseTokenList([field]);
  if (lowered === undefined || lowered.length === 0) return undefined;
  const tokens = field.split(",").map((token) => token.trim());
  const named = tokens.filter((token) => token !== "");
  return new Set(named).size === named.length ? named : undefined;
}

/** The error of one way in which a handshake is refused. */
export function handshakeRefusal(
  code: keyof typeof HANDSHAKE_ERRORS,
): HttpError {
  return new HttpError(code, HANDSHAKE_ERRORS[code]);
}
