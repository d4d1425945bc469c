/**
 * Everything a server can do wrong when it answers a client's offer of
 * extensions: a stable code and a sentence for the person who runs the client.
 */
export const EXTENSION_ERRORS = {
  extensions_malformed:
    "The server's Sec-WebSocket-Extensions is not well formed.",
  extension_not_offered:
    "The server agreed to an extension that was not offered.",
  extension_repeated: "The server agreed to permessage-deflate twice.",
  deflate_param_unknown:
    "The server answered a parameter that permessage-deflate does not have.",
  deflate_param_repeated:
    "The server answered a parameter of permessage-deflate twice.",
  deflate_param_invalid:
    "The server gave a parameter of permessage-deflate a wrong value.",
  deflate_context_kept:
    "The server did not agree to compress each message on its own.",
  deflate_window_too_large:
    "The server did not agree to a window as small as it was asked for.",
} as const satisfies Record<string, string>;

/** The stable code of an {@linkcode ExtensionError}. */
export type ExtensionErrorCode = keyof typeof EXTENSION_ERRORS;

/**
 * A server agreed to extensions that the client cannot go on with. The client
 * fails the handshake (RFC 6455 §4.1, RFC 7692 §7.1).
 */
export class ExtensionError extends Error {
  /** The name of this class. */
  override readonly name = "ExtensionError";
  /** Which rule was broken; never changes between versions. */
  readonly code: ExtensionErrorCode;

  /** Makes the error of one violation, with the words of its table. */
  constructor(code: ExtensionErrorCode) {
    super(EXTENSION_ERRORS[code]);
    this.code = code;
  }
}
