import type { HttpConnectionOwner } from "./_http_connection.ts";
import {
  encodeLatin1,
  formatResponseHead,
  type RequestHead,
} from "./http1/mod.ts";
import type { PendingUpgrade } from "./on_upgrade.ts";
import type { InterimWriter, ServedRequest } from "./request.ts";
import type { RequestBody } from "./request_body.ts";
import type { OutgoingBody } from "./_outgoing_body.ts";
import type { ResponseTarget } from "./response_writer.ts";
import type { ServeConnOptions, ServeHandlerInfo } from "./serve_conn.ts";

/** The connection that a request came on. */
export interface ExchangeConnection {
  /** How it is served. */
  readonly options: ServeConnOptions;
  /** Whom it belongs to. */
  readonly owner: HttpConnectionOwner;
  /** Its own addresses, whatever a proxy tells. */
  readonly info: ServeHandlerInfo;
  /** Whether it has TLS. */
  readonly isSecure: boolean;
  /** Writes all of `bytes` after what is being written. */
  write(bytes: Uint8Array): Promise<void>;
}

/** One request, and what becomes of it. */
export class Exchange implements ResponseTarget, InterimWriter {
  /** The connection that it came on. */
  readonly connection: ExchangeConnection;
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
  constructor(
    head: RequestHead,
    info: ServeHandlerInfo,
    connection: ExchangeConnection,
  ) {
    this.head = head;
    this.info = info;
    this.connection = connection;
  }

  /** Writes a part of the final response. */
  write(bytes: Uint8Array): Promise<void> {
    this.responding = true;
    return this.connection.write(bytes);
  }

  /** Writes an interim response; rejects once the final one has begun. */
  async writeInterim(status: number, fields: Headers): Promise<void> {
    const head = formatResponseHead({ status, fields });
    if (this.responding) {
      throw new TypeError(
        "Cannot send an interim response: the response has begun",
      );
    }
    // RFC 9110 §15.2: HTTP/1.0 knows no interim response.
    if (this.head.version !== "HTTP/1.1") return;
    const bytes = new Uint8Array(head.length);
    encodeLatin1(head, bytes);
    await this.connection.write(bytes);
  }
}
