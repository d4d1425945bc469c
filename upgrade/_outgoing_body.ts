// How often a body may defer before it counts as one that is still being made.
const PATIENCE = 8;

type Piece = ReadableStreamReadResult<Uint8Array>;

/** The body of a message that is sent, read one piece ahead. */
export class OutgoingBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #take = (piece: Piece): void => {
    this.piece = piece;
    this.isHere = true;
  };
  readonly #fail = (): void => {
    this.isHere = true;
  };
  /** The read of the next piece. */
  read!: Promise<Piece>;
  /** The next piece, as soon as it has been read. */
  piece: Piece | undefined;
  /** Whether that read is over, or has failed. */
  isHere = false;

  /** Begins to read a body, which must not be locked. */
  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.readOn();
  }

  /**
   * Whether it is worth to wait for the next piece once more, after so many
   * times: a body that was given as a string or as bytes defers a few times only.
   */
  mayCome(times: number): boolean {
    return !this.isHere && times < PATIENCE;
  }

  /** Begins to read the piece after that. */
  readOn(): void {
    this.piece = undefined;
    this.isHere = false;
    this.read = this.#reader.read();
    this.read.then(this.#take, this.#fail);
  }

  /** Tells whoever makes the body that nobody wants it any more. */
  cancel(reason: unknown): void {
    this.#reader.cancel(reason).catch(() => {});
  }
}
