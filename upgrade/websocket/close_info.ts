/** How a connection ended. */
export interface WebSocketCloseInfo {
  /**
   * The peer's close code, 1005 if its Close frame had none. Without a Close
   * frame of the peer: the code that it was sent for breaking a rule, or 1006.
   */
  readonly code: number;
  /** The peer's reason, or what rule it broke; often empty. */
  readonly reason: string;
  /** Whether both sides have said goodbye. */
  readonly wasClean: boolean;
  /** What failed: a rule the peer broke, a callback, or a stream of this side. */
  readonly error?: unknown;
}

/** Something cannot be done, or cannot go on, for the connection has ended. */
export class WebSocketClosedError extends Error {
  /** The name of this class. */
  override readonly name = "WebSocketClosedError";
  /** Tells it from other errors; never changes between versions. */
  readonly code = "websocket_closed";
  /** The close code, as `closed` tells it. */
  readonly closeCode: number;
  /** The reason, as `closed` tells it. */
  readonly reason: string;

  /** Says what cannot be done; `cause` is what failed, if something did. */
  constructor(action: string, info: WebSocketCloseInfo) {
    const { code, reason, error } = info;
    const words = reason === "" ? `${code}` : `${code}: ${reason}`;
    super(
      `Cannot ${action}: the connection has ended with ${words}`,
      error === undefined ? {} : { cause: error },
    );
    this.closeCode = code;
    this.reason = reason;
  }
}
