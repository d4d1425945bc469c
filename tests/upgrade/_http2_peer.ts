import { assertEquals } from "@std/assert";
import { PREFACE } from "../../upgrade/http2/preface.ts";
import {
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  readFrameHeader,
} from "../../upgrade/http2/frame.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";

/** The types of frames, RFC 9113 §6. */
export const TYPE = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Error codes, RFC 9113 §7. */
export const CODE = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;

/** END_STREAM of DATA and HEADERS, and ACK of SETTINGS and PING. */
export const END = 1;
/** END_HEADERS. */
export const END_HEADERS = 4;

/** A frame that has come. */
export interface Frame extends Omit<FrameHeader, "length"> {
  readonly payload: Uint8Array;
}

/** Makes a frame. */
export function frame(
  type: number,
  { flags = 0, streamId = 0, payload = new Uint8Array(0) }: {
    flags?: number;
    streamId?: number;
    payload?: Uint8Array;
  } = {},
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  return concat([
    encodeFrameHeader({ length, type, flags, streamId }),
    payload,
  ]);
}

/** Puts bytes together. */
export function concat(
  pieces: readonly (Uint8Array | string)[],
): Uint8Array<ArrayBuffer> {
  const all = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  const bytes = new Uint8Array(
    all.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A number of 32 bits, as most payloads have it. */
export function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A setting in the payload of SETTINGS. */
export function setting(name: number, value: number): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(name >> 8, name), u32(value)]);
}

/** The fields of a request as a block of literals without indexing. */
export function block(
  fields: readonly (readonly [name: string, value: string])[],
): Uint8Array<ArrayBuffer> {
  return concat(
    fields.flatMap(([name, value]) => [
      Uint8Array.of(0),
      ...literal(name),
      ...literal(value),
    ]),
  );
}

// RFC 7541 §5.1 and §5.2.
function literal(text: string): Uint8Array[] {
  const { length } = text;
  const size = length < 127
    ? [length]
    : [127, (length - 127) & 0x7f | 0x80, (length - 127) >> 7];
  return [
    Uint8Array.from(size),
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
  ];
}

/** The pseudo-header fields of a GET. */
export const GET = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "x"],
  [":path", "/"],
] as const;

/** The HEADERS frame of a request without a body. */
export function request(
  streamId: number,
  fields: readonly (readonly [name: string, value: string])[] = GET,
  flags = END | END_HEADERS,
): Uint8Array<ArrayBuffer> {
  return frame(TYPE.headers, { flags, streamId, payload: block(fields) });
}

/** The preface and SETTINGS of a client. */
export function opening(
  ...settings: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const payload = concat(settings);
  return concat([PREFACE, frame(TYPE.settings, { payload })]);
}

/** A client that says HTTP/2 byte by byte. */
export class Http2Peer implements Disposable {
  readonly #kept: Frame[] = [];
  /** The connection. */
  readonly socket: RawSocket;

  /** Talks over `socket`, which it closes. */
  constructor(socket: RawSocket) {
    this.socket = socket;
  }

  /** Connects, and sends an opening with these settings. */
  static async open(
    port: number,
    ...settings: readonly Uint8Array[]
  ): Promise<Http2Peer> {
    const peer = new Http2Peer(await connect(port));
    await peer.socket.send(opening(...settings));
    return peer;
  }

  /** Sends bytes. */
  send(...pieces: readonly (Uint8Array | string)[]): Promise<void> {
    return this.socket.send(concat(pieces));
  }

  /** Reads the next frame. */
  async read(): Promise<Frame> {
    const { length, ...header } = readFrameHeader(
      await this.socket.readExactly(FRAME_HEADER_BYTES),
    );
    return { ...header, payload: await this.socket.readExactly(length) };
  }

  /** Reads up to a frame of a type, and keeps the others for later. */
  async readUntil(type: number, streamId?: number): Promise<Frame> {
    const isWanted = (frame: Frame) =>
      frame.type === type && frame.streamId === (streamId ?? frame.streamId);
    const at = this.#kept.findIndex(isWanted);
    if (at >= 0) return this.#kept.splice(at, 1)[0]!;
    for (;;) {
      const frame = await this.read();
      if (isWanted(frame)) return frame;
      this.#kept.push(frame);
    }
  }

  /** Reads up to GOAWAY, and gives its error code. */
  async readGoaway(): Promise<number> {
    return codeIn(await this.readUntil(TYPE.goaway), 4);
  }

  /** Reads up to RST_STREAM of a stream, and gives its error code. */
  async readReset(streamId: number): Promise<number> {
    return codeIn(await this.readUntil(TYPE.rstStream, streamId), 0);
  }

  /** Reads the answer of 200 on a stream, and gives its body. */
  async readAnswer(streamId: number): Promise<string> {
    const head = await this.readUntil(TYPE.headers, streamId);
    assertEquals(head.payload[0], 0x88, "The status is not 200");
    let text = "";
    for (let { flags } = head; !(flags & END);) {
      const data = await this.readUntil(TYPE.data, streamId);
      text += new TextDecoder().decode(data.payload);
      flags = data.flags;
    }
    return text;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.socket.close();
  }
}

function codeIn({ payload }: Frame, at: number): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(at);
}
