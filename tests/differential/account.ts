/** A request as a server's handler got to know it. */
export interface SeenRequest {
  /** The version, where the handler is told: node:http alone does. */
  readonly version: string | undefined;
  /** The method. */
  readonly method: string;
  /** The target, as the absolute URL that a `Request` has. */
  readonly url: string;
  /** The header fields: sorted, lower case, lines of one name joined. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What came of the body, one character a byte. */
  body: string;
  /**
   * `complete` once the whole body has come, `refused` if it was found to be
   * badly framed. `waiting` for the rest is what remains.
   */
  state: "waiting" | "complete" | "refused";
  /**
   * What came after the request, one character a byte, if the connection was
   * handed over to another protocol.
   */
  tunnel: string | undefined;
}

/** What one server made of one stream of bytes. */
export interface Account {
  /** The requests whose heads were accepted, in order. */
  readonly requests: readonly SeenRequest[];
  /**
   * `refused` if the server found a fault and closed the connection, `closed` if
   * it closed after a request that was the last by its own words, `left` if it
   * handed the connection over to another protocol; otherwise `open`: it would
   * have read on if the client had sent more.
   */
  readonly end: "refused" | "closed" | "left" | "open";
  /** What the fault was, where the server says so. */
  readonly fault: string;
}

/** A server that gives its account of what is sent to it. */
export interface Peer extends AsyncDisposable {
  /** Sends `stream`, one character a byte, on a connection of its own. */
  account(stream: string): Promise<Account>;
}
