/**
 * A message that is read while it arrives, and so is never held as a whole.
 *
 * `WebSocketConn.streams()` gives them, and `send()` takes them.
 */
export class StreamedMessage {
  /** Whether the message is text; otherwise it is binary. */
  readonly isText: boolean;
  /**
   * The payload as it arrives. That of a text is UTF-8, whose characters may be
   * cut by the end of a piece. Not reading it holds the connection back;
   * cancelling it drops the rest of the message.
   *
   * Errors with a {@linkcode WebSocketClosedError} when the connection ends
   * before the message does.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Describes a message whose payload, UTF-8 if text, comes from `readable`. */
  constructor(
    isText: boolean,
    readable: ReadableStream<Uint8Array<ArrayBuffer>>,
  ) {
    this.isText = isText;
    this.readable = readable;
  }

  /** Reads all of the payload, decoded as UTF-8. */
  async text(): Promise<string> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    let text = "";
    for await (const piece of this.readable) {
      text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  }
}
