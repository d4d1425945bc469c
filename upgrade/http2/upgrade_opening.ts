import {
  encodeFrameHeader,
  FRAME_FLAGS,
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  readFrameHeader,
} from "./frame.ts";
import { beginsPreface, PREFACE } from "./preface.ts";

const START_BYTES = PREFACE.length + FRAME_HEADER_BYTES;
const MAX_FRAME_BYTES = 2 ** 14;

/** The request that was upgraded, as far as HTTP/2 has to know it. */
export interface UpgradedRequest {
  /** Its method: the answer to HEAD has no body in HTTP/2 either. */
  readonly method: string;
  /** What {@linkcode readHttp2Settings} has made of its settings. */
  readonly settings: Uint8Array;
}

/**
 * Puts the request that was upgraded to h2c where HTTP/2 would have it, on stream
 * 1 (RFC 7540 §3.2), in what the client sends after the 101: so an engine that
 * knows HTTP/2 from its first byte only can serve it.
 *
 * After the client's preface it begins the SETTINGS frame with the settings of
 * the upgrade, which counted until then; after that frame it puts a HEADERS frame
 * that ends stream 1 on the client's side. The fields in that frame only have to
 * be valid: what the request was is known already. None of them goes into the
 * table of HPACK, so that the client's own stay where the client has put them.
 *
 * It resumes at any byte, and holds 33 of them at most. Where the client sends
 * something else, all is passed on as it comes: the engine knows how to refuse it.
 */
export class UpgradeOpening {
  readonly #request: UpgradedRequest;
  readonly #start = new Uint8Array(START_BYTES);
  #held = 0;
  // What is to come of the SETTINGS frame, once it has begun.
  #left = 0;
  #state: "start" | "settings" | "done" = "start";

  /** Begins before the first byte that follows the 101. */
  constructor(request: UpgradedRequest) {
    this.#request = request;
  }

  /** What the engine is to read instead of `bytes`, maybe nothing yet. */
  receive(bytes: Uint8Array): Uint8Array {
    if (this.#state === "done") return bytes;
    const pieces: Uint8Array[] = [];
    let rest = bytes;
    if (this.#state === "start") rest = this.#receiveStart(rest, pieces);
    if (this.#state === "settings") rest = this.#receiveSettings(rest, pieces);
    return concat([...pieces, rest]);
  }

  /** Takes the preface and the header of SETTINGS; gives what comes after. */
  #receiveStart(bytes: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    const taken = bytes.subarray(0, START_BYTES - this.#held);
    const rest = bytes.subarray(taken.length);
    this.#start.set(taken, this.#held);
    this.#held += taken.length;
    const start = this.#start.subarray(0, this.#held);
    if (!beginsPreface(start)) return this.#giveUp(rest, pieces);
    if (this.#held < START_BYTES) return rest;
    const header = readFrameHeader(start.subarray(PREFACE.length));
    const { settings } = this.#request;
    const length = header.length + settings.length;
    if (
      header.type !== FRAME_TYPES.settings || header.streamId !== 0 ||
      header.flags & FRAME_FLAGS.ack || length > MAX_FRAME_BYTES
    ) return this.#giveUp(rest, pieces);
    pieces.push(PREFACE, encodeFrameHeader({ ...header, length }), settings);
    this.#left = header.length;
    this.#state = "settings";
    return rest;
  }

  #receiveSettings(bytes: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    const taken = bytes.subarray(0, this.#left);
    pieces.push(taken);
    this.#left -= taken.length;
    if (this.#left === 0) {
      pieces.push(encodeRequest(this.#request.method));
      this.#state = "done";
    }
    return bytes.subarray(taken.length);
  }

  #giveUp(rest: Uint8Array, pieces: Uint8Array[]): Uint8Array {
    pieces.push(this.#start.subarray(0, this.#held));
    this.#state = "done";
    return rest;
  }
}

/** Makes the HEADERS frame of stream 1. */
function encodeRequest(method: string): Uint8Array {
  const block = [
    [":method", method],
    [":scheme", "http"],
    [":authority", "localhost"],
    [":path", "/"],
  ].map(([name = "", value = ""]) => encodeField(name, value)).join("");
  const payload = new TextEncoder().encode(block);
  const header = encodeFrameHeader({
    length: payload.length,
    type: FRAME_TYPES.headers,
    flags: FRAME_FLAGS.endStream | FRAME_FLAGS.endHeaders,
    streamId: 1,
  });
  return concat([header, payload]);
}

// RFC 7541 §6.2.2: a literal field without indexing, with a new name; both are
// shorter than 127 bytes, so that their length is one byte (§5.2).
function encodeField(name: string, value: string): string {
  const lengthOf = (text: string) => String.fromCharCode(text.length);
  return `\0${lengthOf(name)}${name}${lengthOf(value)}${value}`;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
