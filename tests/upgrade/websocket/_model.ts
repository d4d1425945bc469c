import { assert, assertEquals, assertThrows } from "@std/assert";
import type { DeflateParams } from "../../../upgrade/websocket/deflate_negotiation.ts";
import type { DeflateOptions } from "../../../upgrade/websocket/deflate_options.ts";
import {
  encodeMessage,
  type Role,
  WebSocketError,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import { receive, type SeenEvent } from "./_feed.ts";
import { binaryOf, concat } from "./_frames.ts";

/** What one side does. */
export type Act =
  | { readonly act: "text" | "encoded"; readonly text: string }
  | { readonly act: "binary" | "ping"; readonly bytes: Uint8Array }
  | { readonly act: "piece"; readonly text: string; readonly isLast: boolean }
  | {
    readonly act: "close";
    readonly code: number | undefined;
    readonly reason: string;
  }
  | { readonly act: "deliver"; readonly most: number }
  | {
    readonly act: "fault";
    readonly kind: "flip" | "cut" | "insert";
    readonly at: number;
    readonly bytes: Uint8Array;
  };

/** How both sides compress, if they do, as the server sees it. */
export interface Agreed {
  readonly params: DeflateParams;
  readonly options: DeflateOptions;
}

interface Expected {
  readonly event: SeenEvent;
  /** Where its frame ends in all that its sender has put out. */
  readonly end: number;
}

/**
 * One side of a connection, the bytes on their way to the other side, and what
 * the other side has to see of them.
 */
export class ModelSide {
  readonly #protocol: WebSocketProtocol;
  // On its way; what was damaged stands in for what was sent.
  #wire: Uint8Array = new Uint8Array(0);
  // How many bytes have been taken off the wire, and put on it.
  #delivered = 0;
  #put = 0;
  // From which byte on nothing is known of what will be seen.
  #trusted = Infinity;
  #expected: Expected[] = [];
  // The pieces of a message that has not ended.
  #pieces: string | undefined;
  #closeSent = false;
  // A Close frame came, or the peer broke a rule.
  #ended = false;
  /** The rule that the peer broke, if it did. */
  error: WebSocketError | undefined;

  /** Begins as `role`. */
  constructor(role: Role, agreed: Agreed | undefined) {
    this.#protocol = new WebSocketProtocol(role, {}, agreed);
  }

  /** Does what is to be done; `deliver` brings bytes to `other`. */
  act(one: Act, other: ModelSide): void {
    switch (one.act) {
      case "text":
        return this.#send(one.text, { text: one.text });
      case "encoded":
        return this.#send(encodeMessage(one.text), { text: one.text });
      case "binary":
        return this.#send(one.bytes, { binary: binaryOf(one.bytes) });
      case "ping":
        this.#protocol.ping(one.bytes);
        return this.#said({ ping: binaryOf(one.bytes) });
      case "piece":
        return this.#sendPiece(one);
      case "close":
        this.#protocol.close(one.code, one.reason);
        this.#said({ close: one.code ?? 1005, reason: one.reason });
        this.#closeSent = true;
        return;
      case "deliver":
        return this.deliver(other, one.most);
      case "fault":
        return this.#damage(one);
    }
  }

  /** Brings at most so many bytes to the other side, all by default. */
  deliver(other: ModelSide, most = Infinity): void {
    const bytes = this.#wire.slice(0, most);
    this.#wire = this.#wire.subarray(bytes.length);
    this.#delivered += bytes.length;
    other.#receive(bytes, this);
  }

  /** Whether nothing is on its way to the other side. */
  get isQuiet(): boolean {
    return this.#wire.length === 0;
  }

  /** Asserts what has to be so when nothing is on its way any more. */
  assertEnd(other: ModelSide): void {
    assertEquals(this.#protocol.closeSent, this.#closeSent);
    const unseen = this.#expected.filter(({ end }) => end <= this.#trusted);
    assertEquals(unseen, []);
    if (this.#trusted === Infinity && this.#closeSent) {
      assert(other.#protocol.closeReceived);
      assert(other.#closeSent, "a goodbye was not answered");
    }
    if (this.error !== undefined) assert(this.#closeSent);
  }

  #send(data: Parameters<WebSocketProtocol["send"]>[0], event: SeenEvent) {
    if (this.#pieces !== undefined && !this.#closeSent) {
      assertThrows(() => this.#protocol.send(data), Error, "pieces");
      return;
    }
    this.#protocol.send(data);
    this.#said(event);
  }

  #sendPiece({ text, isLast }: Extract<Act, { act: "piece" }>): void {
    const bytes = new TextEncoder().encode(text);
    this.#protocol.sendPiece(bytes, { isText: true, isLast });
    const pieces = (this.#pieces ?? "") + text;
    this.#pieces = isLast ? undefined : pieces;
    if (isLast) this.#said({ text: pieces });
    else this.#flush();
  }

  /** What was just put out has to be seen as this by the other side. */
  #said(event: SeenEvent): void {
    this.#flush();
    if (this.#closeSent) return;
    this.#expected.push({ event, end: this.#put });
  }

  #flush(): void {
    const { output } = this.#protocol;
    const parts = [this.#wire];
    while (output.length > 0) {
      const piece = output.take();
      parts.push(piece.slice());
      this.#put += piece.length;
      output.release();
    }
    if (this.#closeSent) assertEquals(parts.length, 1, "more than a Close");
    else this.#wire = concat(...parts);
  }

  #receive(bytes: Uint8Array, sender: ModelSide): void {
    const wasEnded = this.#ended;
    try {
      for (const event of receive(this.#protocol, bytes)) {
        assert(!wasEnded, "an event after the end");
        sender.#seen(event);
        this.#answer(event);
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      assert(!wasEnded, "an error after the end");
      assert(sender.#trusted < Infinity, `${error.code} without a fault`);
      this.error = error;
      this.#ended = true;
      this.#said({ close: error.closeCode, reason: error.message });
      this.#closeSent = true;
    }
  }

  /** The other side has seen this; until a fault, it has to be what was said. */
  #seen(event: SeenEvent): void {
    const expected = this.#expected.shift();
    if (expected !== undefined && expected.end <= this.#trusted) {
      assertEquals(event, expected.event);
      assert(expected.end <= this.#delivered, "seen before it came");
    } else assert(this.#trusted < Infinity, "nobody has said this");
  }

  /** A protocol answers by itself. */
  #answer(event: SeenEvent): void {
    if ("ping" in event) this.#said({ pong: event.ping });
    if (!("close" in event)) return;
    this.#ended = true;
    this.#said({ close: event.close, reason: "" });
    this.#closeSent = true;
  }

  #damage({ kind, at, bytes }: Extract<Act, { act: "fault" }>): void {
    if (this.isQuiet || bytes.length === 0) return;
    const wire = this.#wire;
    const place = at % wire.length;
    const before = wire.subarray(0, place);
    const behind = wire.subarray(place);
    const count = bytes.length;
    this.#trusted = Math.min(this.#trusted, this.#delivered + place);
    switch (kind) {
      case "flip":
        this.#wire = concat(
          before,
          behind.map((byte, i) => byte ^ (bytes[i] ?? 0)),
        );
        break;
      case "cut":
        this.#wire = concat(before, behind.subarray(count));
        break;
      case "insert":
        this.#wire = concat(before, bytes, behind);
    }
  }
}
