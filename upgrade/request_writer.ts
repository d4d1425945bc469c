import { CHUNK_END, formatChunkHeader, LAST_CHUNK } from "./http1/mod.ts";
import { headWith, type OutgoingRequest } from "./outgoing_request.ts";
import { OutgoingBody } from "./_outgoing_body.ts";
import { type ByteWriter, writeTogether } from "./_write_together.ts";

const NOTHING = new Uint8Array(0);

/** Writes one request (RFC 9112 §6), and stops when nobody wants its body. */
export class RequestWriter {
  readonly #request: OutgoingRequest;
  readonly #writer: ByteWriter;
  #body: OutgoingBody | undefined;
  #isStopped = false;

  /** Makes ready to write a request. */
  constructor(request: OutgoingRequest, writer: ByteWriter) {
    this.#request = request;
    this.#writer = writer;
  }

  /** Whether nothing more is to be written. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether some of the body has been asked for. */
  get hasBegunBody(): boolean {
    return this.#body !== undefined;
  }

  /**
   * Writes all of it; the body after `mayContinue` if the request waits for 100
   * (Continue). Resolves to whether that was all, and not stopped before.
   *
   * A body that is here at once goes out with a Content-Length, in one write
   * with the head; others are chunked, unless the request has the length.
   *
   * Rejects when the body fails or has another length, and when writing fails.
   */
  async write(mayContinue: Promise<void>): Promise<boolean> {
    const request = this.#request;
    try {
      if (request.body === null) {
        const { contentLength, head } = request;
        const whole = contentLength === undefined
          ? head
          : headWith(request, contentLength);
        await writeTogether(this.#writer, whole, []);
      } else if (request.expectsContinue) {
        const head = headWith(request, request.contentLength ?? "chunked");
        await writeTogether(this.#writer, head, []);
        await mayContinue;
        if (!this.#isStopped) await this.#writeBody(request.body);
      } else await this.#writeWithBody(request.body);
    } catch (error) {
      this.stop(error);
      throw error;
    }
    return !this.#isStopped;
  }

  /**
   * Writes no more of the body, if there is one, and tells whoever makes it that
   * nobody wants it.
   */
  stop(reason: unknown): void {
    const { body } = this.#request;
    if (this.#isStopped || body === null) return;
    this.#isStopped = true;
    if (this.#body !== undefined) this.#body.cancel(reason);
    else body.cancel(reason).catch(() => {});
  }

  async #writeWithBody(stream: ReadableStream<Uint8Array>): Promise<void> {
    const body = this.#body = new OutgoingBody(stream);
    let first = NOTHING;
    await arrival(body);
    if (body.piece?.done === false) {
      first = bytesOf(body.piece.value);
      body.readOn();
      await arrival(body);
    }
    // What has failed by now need not be begun.
    if (body.isHere && body.piece === undefined) await body.read;
    const length = this.#request.contentLength ??
      (body.piece?.done ? first.length : "chunked");
    const head = headWith(this.#request, length);
    await this.#writePieces(body, { head, first, length });
  }

  async #writeBody(stream: ReadableStream<Uint8Array>): Promise<void> {
    const body = this.#body = new OutgoingBody(stream);
    const length = this.#request.contentLength ?? "chunked";
    await this.#writePieces(body, { head: "", first: NOTHING, length });
  }

  async #writePieces(
    body: OutgoingBody,
    { head, first, length }: {
      head: string;
      first: Uint8Array;
      length: number | "chunked";
    },
  ): Promise<void> {
    const writer = this.#writer;
    const isChunked = length === "chunked";
    let left = isChunked ? Infinity : length;
    let text = head;
    for (let data = first;;) {
      left -= data.length;
      if (left < 0) {
        throw new TypeError("The body is longer than its Content-Length");
      }
      // An empty chunk would end the body.
      if (isChunked && data.length > 0) {
        text += formatChunkHeader(data.length);
        await writeTogether(writer, text, [data, CHUNK_END]);
      } else await writeTogether(writer, text, [data]);
      text = "";
      const { done, value } = body.piece ?? await body.read;
      if (this.#isStopped) return;
      if (done) break;
      data = bytesOf(value);
      body.readOn();
    }
    if (isChunked) await writer.write(LAST_CHUNK);
    else if (left > 0) {
      throw new TypeError("The body is shorter than its Content-Length");
    }
  }
}

/** Waits a little for the next piece. */
async function arrival(body: OutgoingBody): Promise<void> {
  for (let i = 0; body.mayCome(i); i++) await null;
}

function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (piece instanceof Uint8Array) return piece as Uint8Array<ArrayBuffer>;
  throw new TypeError(
    "Cannot send a request: the body has a piece that is no bytes",
  );
}
