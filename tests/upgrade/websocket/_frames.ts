/** A frame of RFC 6455 §5.2, field by field, valid or not. */
export interface FrameFields {
  /** Default: 1. */
  readonly fin?: 0 | 1;
  /** The three reserved bits as one number. Default: 0. */
  readonly rsv?: number;
  readonly opcode: number;
  /** Strings stand for their UTF-8. Default: empty. */
  readonly payload?: Uint8Array | string;
  /** Default: none, the frame is not masked. */
  readonly key?: readonly [number, number, number, number];
  /** How many bits say the length. Default: the fewest. */
  readonly lengthBits?: 7 | 16 | 64;
  /** What the header says the length is. Default: the truth. */
  readonly claims?: bigint;
}

/** What a test wants to know of a frame that was sent to it. */
export interface DecodedFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  /** One character a byte. */
  readonly payload: string;
}

/** The masking key that the frames of a test's client have. */
export const KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

const encoder = new TextEncoder();

/** Puts byte arrays one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Makes bytes of a text, one a character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Makes a text of bytes, one character a byte. */
export function binaryOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Makes `length` bytes that differ from their neighbours. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i * 31 + (i >>> 8));
}

/** Writes a frame, as slowly and plainly as the RFC says it. */
export function frame(fields: FrameFields): Uint8Array<ArrayBuffer> {
  const { fin = 1, rsv = 0, opcode, key } = fields;
  const payload = typeof fields.payload === "string"
    ? encoder.encode(fields.payload)
    : fields.payload ?? new Uint8Array(0);
  const length = fields.claims ?? BigInt(payload.length);
  const bits = fields.lengthBits ??
    (length < 126n ? 7 : length < 0x10000n ? 16 : 64);
  const short = bits === 7 ? Number(length) : bits === 16 ? 126 : 127;
  const extended = new Uint8Array(bits === 7 ? 0 : bits / 8);
  for (let i = 0; i < extended.length; i++) {
    const shift = BigInt(8 * (extended.length - 1 - i));
    extended[i] = Number(length >> shift & 0xffn);
  }
  return concat(
    Uint8Array.of(
      fin << 7 | rsv << 4 | opcode,
      (key === undefined ? 0 : 0x80) | short,
    ),
    extended,
    Uint8Array.from(key ?? []),
    key === undefined ? payload : payload.map((byte, i) => byte ^ key[i % 4]!),
  );
}

/** Writes a frame as a client sends it. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  fin: 0 | 1 = 1,
): Uint8Array<ArrayBuffer> {
  return frame({ opcode, payload, fin, key: KEY });
}

/** Writes a frame as a server sends it. */
export function serverFrame(
  opcode: number,
  payload: Uint8Array | string = "",
  fin: 0 | 1 = 1,
): Uint8Array<ArrayBuffer> {
  return frame({ opcode, payload, fin });
}

/** The payload of a Close frame. */
export function closing(code: number, reason = ""): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(code >>> 8, code), encoder.encode(reason));
}

/** How many bytes the frame at the start of `bytes` has, if all are there. */
export function frameSize(bytes: Uint8Array): number | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const more = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + more) return undefined;
  let length = more === 0 ? short : 0;
  for (let i = 0; i < more; i++) length = length * 256 + bytes[2 + i]!;
  const size = 2 + more + (bytes[1]! >= 0x80 ? 4 : 0) + length;
  return bytes.length < size ? undefined : size;
}

/** Reads whole frames; throws when the last one is cut. */
export function decodeFrames(bytes: Uint8Array): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const size = frameSize(rest);
    if (size === undefined) throw new Error("The last frame is cut");
    const [first, second] = [rest[0]!, rest[1]!];
    const short = second & 0x7f;
    const start = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
    const masked = second >= 0x80;
    const key = masked ? rest.slice(start, start + 4) : new Uint8Array(4);
    const payload = rest.slice(start + (masked ? 4 : 0), size);
    frames.push({
      fin: first >= 0x80,
      opcode: first & 0x0f,
      masked,
      payload: binaryOf(payload.map((byte, i) => byte ^ key[i % 4]!)),
    });
    rest = rest.subarray(size);
  }
  return frames;
}
