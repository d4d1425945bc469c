import { StreamedMessage } from "./streamed_message.ts";

/** Puts the pieces of one message into its stream, as they are read from it. */
export class MessagePipe {
  /** The other end of the pipe. */
  readonly message: StreamedMessage;
  readonly #onTaken: (length: number) => void;
  #controller!: ReadableByteStreamController;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  // Whether somebody reads while there is no piece.
  #isWanted = false;
  #end: { readonly error?: unknown } | undefined;
  #isCancelled = false;

  /** Tells `onTaken` how many bytes were read, or are not wanted any more. */
  constructor(isText: boolean, onTaken: (length: number) => void) {
    this.#onTaken = onTaken;
    this.message = new StreamedMessage(
      isText,
      new ReadableStream({
        type: "bytes",
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      }),
    );
  }

  /** Copies a piece in; returns how many bytes of it wait to be read. */
  push(bytes: Uint8Array): number {
    if (bytes.length === 0 || this.#isCancelled) return 0;
    const piece = new Uint8Array(bytes);
    if (!this.#isWanted) {
      this.#pieces.push(piece);
      return bytes.length;
    }
    this.#isWanted = false;
    this.#controller.enqueue(piece);
    return 0;
  }

  /** Ends the message, with an error when it is not whole. */
  end(error?: unknown): void {
    if (this.#isCancelled) return;
    this.#end = error === undefined ? {} : { error };
    if (this.#pieces.length === 0) this.#finish();
  }

  #pull(): void {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      this.#isWanted = true;
      return;
    }
    // The piece is empty once its buffer has been given away.
    const { length } = piece;
    this.#controller.enqueue(piece);
    if (this.#pieces.length === 0) this.#finish();
    this.#onTaken(length);
  }

  #finish(): void {
    if (this.#end === undefined) return;
    if (this.#end.error !== undefined) {
      this.#controller.error(this.#end.error);
      return;
    }
    this.#controller.close();
    // A reader with a buffer of its own waits for it to be given back.
    this.#controller.byobRequest?.respond(0);
  }

  #cancel(): void {
    this.#isCancelled = true;
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const { length } of pieces) this.#onTaken(length);
  }
}
