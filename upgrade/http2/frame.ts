/** The types of frames that are read or written here, RFC 9113 §6. */
export const FRAME_TYPES = {
  headers: 1,
  settings: 4,
} as const;

/** The flags of frames that are read or written here, RFC 9113 §6. */
export const FRAME_FLAGS = {
  /** Of SETTINGS. */
  ack: 0x1,
  /** Of HEADERS: the stream has no more from this side. */
  endStream: 0x1,
  /** Of HEADERS: no CONTINUATION follows. */
  endHeaders: 0x4,
} as const;

/** How many bytes a frame has before its payload. */
export const FRAME_HEADER_BYTES = 9;

/** What stands before the payload of a frame, RFC 9113 §4.1. */
export interface FrameHeader {
  /** The bytes of the payload, up to 2^24-1. */
  readonly length: number;
  /** What the frame is. */
  readonly type: number;
  /** Bits that depend on the type. */
  readonly flags: number;
  /** Which stream it belongs to; 0 for the whole connection. */
  readonly streamId: number;
}

/** Reads the first nine bytes of a frame. */
export function readFrameHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  return {
    length: view.getUint32(0) >>> 8,
    type: view.getUint8(3),
    flags: view.getUint8(4),
    // RFC 9113 §4.1: the reserved bit is ignored.
    streamId: view.getUint32(5) & 0x7fffffff,
  };
}

/** Makes the first nine bytes of a frame. */
export function encodeFrameHeader(
  { length, type, flags, streamId }: FrameHeader,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length << 8 | type);
  view.setUint8(4, flags);
  view.setUint32(5, streamId);
  return bytes;
}
