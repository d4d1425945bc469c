import type { RequestHead } from "./http1/mod.ts";
import type { PendingUpgrade } from "./on_upgrade.ts";
import type { ServedRequest } from "./request.ts";
import type { RequestBody } from "./request_body.ts";
import type { OutgoingBody } from "./_outgoing_body.ts";
import type { ResponseTarget } from "./response_writer.ts";
import type { ServeHandlerInfo } from "./serve_conn.ts";

/** Writes all of some bytes. */
interface Writer {
  write(bytes: Uint8Array): Promise<void>;
}

/** One request, and what becomes of it. */
export class Exchange implements ResponseTarget {
  readonly #writer: Writer;
  /** The head of the request. */
  readonly head: RequestHead;
  /** What the handler is told besides the request. */
  readonly info: ServeHandlerInfo;
  /** The request as the handler gets it. */
  request!: ServedRequest;
  /** The body of the request, if it has one. */
  requestBody: RequestBody | undefined;
  /** The body of the response, once it is sent. */
  responseBody: OutgoingBody | undefined;
  /** The upgrade that the client has asked for. */
  pending: PendingUpgrade | undefined;
  /** Whether the final response has begun. */
  responding = false;
  /** Whether it has been written to its end. */
  answered = false;

  /** Begins with the head of a request. */
  constructor(head: RequestHead, info: ServeHandlerInfo, writer: Writer) {
    this.head = head;
    this.info = info;
    this.#writer = writer;
  }

  /** Writes a part of the final response. */
  write(bytes: Uint8Array): Promise<void> {
    this.responding = true;
    return this.#writer.write(bytes);
  }

  /** Writes an interim response; rejects once the final one has begun. */
  async writeInterim(bytes: Uint8Array): Promise<void> {
    if (this.responding) {
      throw new TypeError(
        "Cannot send an interim response: the response has begun",
      );
    }
    // RFC 9110 §15.2: HTTP/1.0 knows no interim response.
    if (this.head.version === "HTTP/1.1") await this.#writer.write(bytes);
  }
}
