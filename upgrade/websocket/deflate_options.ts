/**
 * How messages are compressed by permessage-deflate (RFC 7692), the same for
 * both roles: "own" is what this side sends, "peer" what the other side sends.
 *
 * By default every message is compressed on its own, and a connection keeps
 * nothing between messages. Taking a context over makes messages that resemble
 * earlier ones much smaller. It costs a connection the window in each direction
 * where it is taken over: 2 to the power of the window bits in bytes, once so
 * many have been compressed, 32 KiB by default.
 *
 * A context also costs time, with the window. 12 bits, 4 KiB, are a good choice:
 * they take a third of the time of 15 bits and save most of what those save.
 */
export interface DeflateOptions {
  /**
   * Messages of fewer bytes are sent as they are. Default: 512; below that, a
   * message alone hardly shrinks.
   */
  readonly threshold?: number;
  /** How hard to compress, from 1, the fastest, to 9. Default: 6. */
  readonly level?: number;
  /**
   * Whether this side compresses with what its earlier messages said, if the
   * peer allows it. Default: `false`.
   */
  readonly ownContextTakeover?: boolean;
  /**
   * Whether the peer may compress with what its earlier messages said. Default:
   * `false`.
   */
  readonly peerContextTakeover?: boolean;
  /**
   * The window that this side compresses with, as a power of two, 9 to 15. The
   * peer may ask for a smaller one. Default: 15.
   */
  readonly ownMaxWindowBits?: number;
  /**
   * The largest window that the peer may compress with, as a power of two, 8 to
   * 15. With less than 15, a peer that cannot be held to it gets no compression.
   * Default: 15.
   */
  readonly peerMaxWindowBits?: number;
}

/** The largest window, and the one that counts when no parameter names one. */
export const MAX_WINDOW_BITS = 15;
/** The smallest window that zlib can compress with; the RFC also knows 8. */
export const MIN_OWN_WINDOW_BITS = 9;

// RFC 7692 §7.1.2.
const MIN_WINDOW_BITS = 8;

/**
 * Completes options with their defaults.
 *
 * Throws a `RangeError` when one is not a number that it may be.
 */
export function completeDeflateOptions(
  options: DeflateOptions,
): Required<DeflateOptions> {
  const {
    threshold = 512,
    level = 6,
    ownContextTakeover = false,
    peerContextTakeover = false,
    ownMaxWindowBits = MAX_WINDOW_BITS,
    peerMaxWindowBits = MAX_WINDOW_BITS,
  } = options;
  if (!(threshold >= 0)) {
    throw new RangeError(`Cannot compress: threshold is ${threshold}`);
  }
  checkRange("level", level, [1, 9]);
  checkRange("ownMaxWindowBits", ownMaxWindowBits, [
    MIN_OWN_WINDOW_BITS,
    MAX_WINDOW_BITS,
  ]);
  checkRange("peerMaxWindowBits", peerMaxWindowBits, [
    MIN_WINDOW_BITS,
    MAX_WINDOW_BITS,
  ]);
  return {
    threshold,
    level,
    ownContextTakeover,
    peerContextTakeover,
    ownMaxWindowBits,
    peerMaxWindowBits,
  };
}

function checkRange(
  name: string,
  value: number,
  [least, most]: readonly [least: number, most: number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot compress: ${name} is ${value}, not a whole number from ${least} to ${most}`,
  );
}
