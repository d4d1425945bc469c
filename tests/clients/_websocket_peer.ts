import { Inbox } from "./_inbox.ts";

/** What both sides speak over WebSocket in these tests. */
export const SUBPROTOCOL = "echo.v1";

/** What a message carries, and whether it is text. */
export type Data = string | Uint8Array<ArrayBuffer>;

/** The code and reason of a Close frame. */
export type Close = readonly [code: number, reason: string];

/** One connection, as another implementation of WebSocket sees it. */
export interface Peer extends AsyncDisposable {
  /** The subprotocol that it has understood. */
  readonly protocol: string;
  /** The messages that it has received. */
  readonly messages: Inbox<Data>;
  /** The payloads of the pongs that it has received. */
  readonly pongs: Inbox<string>;
  /** How it says the connection has ended. */
  readonly closed: Promise<Close>;
  send(data: Data): void;
  /** Sends a ping; only for who can. */
  ping(payload: string): void;
  close(code: number, reason: string): void;
}

/** A server of another implementation, with the subprotocol `echo.v1`. */
export interface PeerServer extends AsyncDisposable {
  readonly url: string;
  /** Gives the next connection. */
  accept(): Promise<Peer>;
}

/** How a peer is started. */
export interface PeerOptions {
  /** Whether it offers or accepts permessage-deflate. */
  readonly deflate: boolean;
}

/** Another implementation of WebSocket, and what it can do. */
export interface Implementation {
  /** As the titles of tests call it. */
  readonly name: string;
  /** Whether a program can have it send pings. */
  readonly pings: boolean;
  /** What it does with permessage-deflate. */
  readonly deflate: "none" | "inflates" | "both";
  /** Whether a program can have it close only as WHATWG says: 1000, 3000 to 4999. */
  readonly closesAsWhatwg: boolean;
  /**
   * What it keeps after a connection, by no fault of the other side, so that the
   * sanitizers cannot be on. Default: nothing.
   */
  readonly keeps?: string;
}

/** What peers in this process have in common. */
export abstract class LocalPeer implements Peer {
  readonly messages: Inbox<Data> = new Inbox();
  readonly pongs: Inbox<string> = new Inbox();
  readonly closed: Promise<Close>;
  abstract readonly protocol: string;
  /** Settles `closed`. */
  protected readonly end: (close: Close) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Close>();
    this.closed = promise;
    this.end = ([code, reason]) => {
      const why = `The peer says it has ended: ${code} ${reason}`;
      this.messages.end(why);
      this.pongs.end(why);
      resolve([code, reason]);
    };
  }

  abstract send(data: Data): void;
  abstract close(code: number, reason: string): void;

  ping(_payload: string): void {
    throw new TypeError("It has no way to send pings");
  }

  /** Waits for the end, which a test that has failed has not brought about. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close(1000, "");
    await this.closed;
  }
}

/** Bytes of their own, or of a string what they say. */
export function copyOf(data: string | Uint8Array): Data {
  return typeof data === "string" ? data : Uint8Array.from(data);
}
