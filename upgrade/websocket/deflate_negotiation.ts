import {
  completeDeflateOptions,
  type DeflateOptions,
  MAX_WINDOW_BITS,
  MIN_OWN_WINDOW_BITS,
} from "./deflate_options.ts";
import { ExtensionError, type ExtensionErrorCode } from "./extension_error.ts";
import {
  type ExtensionParam,
  formatExtensions,
  parseExtensions,
} from "./extensions.ts";

const NAME = "permessage-deflate";

// RFC 7692 §7.1.2: a decimal number without leading zeros, 8 to 15.
const WINDOW_BITS = /^(?:[89]|1[0-5])$/;

/** What both sides have agreed on, as one of them sees it (RFC 7692 §7.1). */
export interface DeflateParams {
  /** Whether this side compresses each message on its own. */
  readonly ownNoContextTakeover: boolean;
  /** Whether the peer compresses each message on its own. */
  readonly peerNoContextTakeover: boolean;
  /**
   * The largest window that this side may compress with, as a power of two. A
   * client may be told 8, for which zlib can compress nothing: it then sends its
   * messages as they are, which is always allowed.
   */
  readonly ownWindowBits: number;
  /** The largest window that the peer compresses with, as a power of two. */
  readonly peerWindowBits: number;
}

/** What a server agrees to: see {@linkcode acceptDeflate}. */
export interface AcceptedDeflate {
  /** What both sides have agreed on. */
  readonly params: DeflateParams;
  /** The `Sec-WebSocket-Extensions` of the 101 response. */
  readonly header: string;
}

/**
 * Answers a client's `Sec-WebSocket-Extensions` as a server: takes the first
 * offer of permessage-deflate that can be met (RFC 7692 §7.1). Gives `undefined`
 * if there is none, or no well-formed field; the field is then left out of the
 * response.
 *
 * Throws a `RangeError` when an option is out of its range.
 *
 * ```ts
 * import { acceptDeflate } from "./deflate_negotiation.ts";
 *
 * acceptDeflate("permessage-deflate; client_max_window_bits", {
 *   ownContextTakeover: true,
 *   peerMaxWindowBits: 12,
 * })?.header;
 * // "permessage-deflate; client_no_context_takeover; client_max_window_bits=12"
 * ```
 */
export function acceptDeflate(
  offers: string | null,
  options: DeflateOptions,
): AcceptedDeflate | undefined {
  const wanted = completeDeflateOptions(options);
  for (const { name, params } of parseExtensions(offers ?? "") ?? []) {
    if (name !== NAME) continue;
    const offer = readParams(params, "offer");
    // RFC 7692 §7.1: an offer with an unknown, repeated or invalid parameter is
    // declined, and the next one is looked at.
    if (typeof offer === "string") continue;
    const accepted = meet(offer, wanted);
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

/**
 * Makes the `Sec-WebSocket-Extensions` of a client's opening handshake.
 *
 * Throws a `RangeError` when an option is out of its range.
 *
 * ```ts
 * import { offerDeflate } from "./deflate_negotiation.ts";
 *
 * offerDeflate({ ownContextTakeover: true, peerContextTakeover: true });
 * // "permessage-deflate; client_max_window_bits"
 * ```
 */
export function offerDeflate(options: DeflateOptions): string {
  const wanted = completeDeflateOptions(options);
  const { ownMaxWindowBits, peerMaxWindowBits } = wanted;
  const params: ExtensionParam[] = [];
  if (!wanted.peerContextTakeover) params.push(["server_no_context_takeover"]);
  if (!wanted.ownContextTakeover) params.push(["client_no_context_takeover"]);
  if (peerMaxWindowBits < MAX_WINDOW_BITS) {
    params.push(["server_max_window_bits", `${peerMaxWindowBits}`]);
  }
  // RFC 7692 §7.1.2.2: without it, a server has no say in the client's window,
  // and may decline.
  params.push(
    ownMaxWindowBits < MAX_WINDOW_BITS
      ? ["client_max_window_bits", `${ownMaxWindowBits}`]
      : ["client_max_window_bits"],
  );
  return formatExtensions([{ name: NAME, params }]);
}

/**
 * Checks a server's answer to what {@linkcode offerDeflate} made of the same
 * options, or to no offer at all if there are no options. Gives `undefined` if
 * the server agreed to no extension.
 *
 * Throws an {@linkcode ExtensionError} when the server agreed to something that
 * was not offered: the client then fails the handshake (RFC 7692 §7.1).
 */
export function confirmDeflate(
  answer: string | null,
  options: DeflateOptions | undefined,
): DeflateParams | undefined {
  if (answer === null) return undefined;
  const extensions = parseExtensions(answer);
  // RFC 6455 §9.1.
  if (extensions === undefined) {
    throw new ExtensionError("extensions_malformed");
  }
  // RFC 6455 §4.1, 5.
  if (options === undefined || extensions.some(({ name }) => name !== NAME)) {
    throw new ExtensionError("extension_not_offered");
  }
  if (extensions.length > 1) throw new ExtensionError("extension_repeated");
  const agreed = readParams(extensions[0]!.params, "answer");
  if (typeof agreed === "string") throw new ExtensionError(agreed);
  return confirm(agreed, completeDeflateOptions(options));
}

/** The parameters of an offer or an answer, named as they are on the wire. */
interface WireParams {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | undefined;
  readonly clientMaxWindowBits: number | undefined;
}

function meet(
  offer: WireParams,
  wanted: Required<DeflateOptions>,
): AcceptedDeflate | undefined {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer;
  const ownWindowBits = Math.min(
    wanted.ownMaxWindowBits,
    serverMaxWindowBits ?? MAX_WINDOW_BITS,
  );
  if (ownWindowBits < MIN_OWN_WINDOW_BITS) return undefined;
  // RFC 7692 §7.1.2.2: a client that does not say that it can limit its window
  // must not be told to.
  if (
    clientMaxWindowBits === undefined &&
    wanted.peerMaxWindowBits < MAX_WINDOW_BITS
  ) return undefined;
  const peerWindowBits = Math.min(
    wanted.peerMaxWindowBits,
    clientMaxWindowBits ?? MAX_WINDOW_BITS,
  );
  const ownNoContextTakeover = !wanted.ownContextTakeover ||
    offer.serverNoContextTakeover;
  const peerNoContextTakeover = !wanted.peerContextTakeover ||
    offer.clientNoContextTakeover;
  const params: ExtensionParam[] = [];
  if (ownNoContextTakeover) params.push(["server_no_context_takeover"]);
  if (peerNoContextTakeover) params.push(["client_no_context_takeover"]);
  // RFC 7692 §7.1.2.1: with the parameter, an offer is only accepted by one.
  if (
    serverMaxWindowBits !== undefined || ownWindowBits < MAX_WINDOW_BITS
  ) params.push(["server_max_window_bits", `${ownWindowBits}`]);
  if (peerWindowBits < MAX_WINDOW_BITS) {
    params.push(["client_max_window_bits", `${peerWindowBits}`]);
  }
  return {
    params: {
      ownNoContextTakeover,
      peerNoContextTakeover,
      ownWindowBits,
      peerWindowBits,
    },
    header: formatExtensions([{ name: NAME, params }]),
  };
}

function confirm(
  agreed: WireParams,
  wanted: Required<DeflateOptions>,
): DeflateParams {
  const {
    serverMaxWindowBits = MAX_WINDOW_BITS,
    clientMaxWindowBits = wanted.ownMaxWindowBits,
  } = agreed;
  // RFC 7692 §7.1.1.1: a server agrees to the parameter by repeating it.
  if (!agreed.serverNoContextTakeover && !wanted.peerContextTakeover) {
    throw new ExtensionError("deflate_context_kept");
  }
  // RFC 7692 §7.1.2: each with the value of the offer or a smaller one.
  if (
    serverMaxWindowBits > wanted.peerMaxWindowBits ||
    clientMaxWindowBits > wanted.ownMaxWindowBits
  ) throw new ExtensionError("deflate_window_too_large");
  return {
    ownNoContextTakeover: !wanted.ownContextTakeover ||
      agreed.clientNoContextTakeover,
    peerNoContextTakeover: agreed.serverNoContextTakeover,
    ownWindowBits: clientMaxWindowBits,
    peerWindowBits: serverMaxWindowBits,
  };
}

/** Reads parameters, or says what is wrong with them. */
function readParams(
  params: readonly ExtensionParam[],
  from: "offer" | "answer",
): WireParams | ExtensionErrorCode {
  const seen = new Set<string>();
  let serverBits: number | undefined;
  let clientBits: number | undefined;
  for (const [name, value] of params) {
    if (seen.has(name)) return "deflate_param_repeated";
    seen.add(name);
    switch (name) {
      case "server_no_context_takeover":
      case "client_no_context_takeover":
        if (value !== undefined) return "deflate_param_invalid";
        break;
      case "server_max_window_bits":
        serverBits = readWindowBits(value);
        if (serverBits === undefined) return "deflate_param_invalid";
        break;
      case "client_max_window_bits":
        // RFC 7692 §7.1.2.2: in an offer, it may stand without a value.
        clientBits = value === undefined && from === "offer"
          ? MAX_WINDOW_BITS
          : readWindowBits(value);
        if (clientBits === undefined) return "deflate_param_invalid";
        break;
      default:
        return "deflate_param_unknown";
    }
  }
  return {
    serverNoContextTakeover: seen.has("server_no_context_takeover"),
    clientNoContextTakeover: seen.has("client_no_context_takeover"),
    serverMaxWindowBits: serverBits,
    clientMaxWindowBits: clientBits,
  };
}

function readWindowBits(value: string | undefined): number | undefined {
  return value !== undefined && WINDOW_BITS.test(value)
    ? Number(value)
    : undefined;
}
