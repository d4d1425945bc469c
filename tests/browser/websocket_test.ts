import { decodeBase64, encodeBase64 } from "@std/encoding";
import type { Browser, Page } from "playwright-core";
import { testClients } from "../clients/_websocket_clients.ts";
import {
  type Data,
  LocalPeer,
  SUBPROTOCOL,
} from "../clients/_websocket_peer.ts";
import { browserTest } from "./_browser.ts";

/** What a page tells; bytes are in Base64. */
type Told =
  | { readonly open: string }
  | { readonly text: string }
  | { readonly binary: string }
  | { readonly closed: readonly [code: number, reason: string] };

/** What a page does with its socket; bytes are in Base64. */
type Order =
  | { readonly text: string }
  | { readonly binary: string }
  | { readonly close: readonly [code: number, reason: string] };

declare global {
  /** Tells this process; in the page only. */
  var tell: (told: Told) => Promise<void>;
  /** Does something with the page's socket; in the page only. */
  var obey: (order: Order) => void;
}

/** The WebSocket of a page. */
class PagePeer extends LocalPeer {
  protocol = "";
  readonly #page: Page;
  readonly #orders: Promise<void>[] = [];
  readonly #opening = Promise.withResolvers<void>();

  constructor(page: Page) {
    super();
    this.#page = page;
  }

  async open(url: string): Promise<void> {
    await this.#page.exposeFunction("tell", (told: Told) => this.#take(told));
    await this.#page.goto(url.replace(/^ws/, "http"));
    await this.#page.evaluate(openInPage, [url, "other", SUBPROTOCOL] as const);
    await this.#opening.promise;
  }

  send(data: Data): void {
    this.#order(
      typeof data === "string"
        ? { text: data }
        : { binary: encodeBase64(data) },
    );
  }

  close(code: number, reason: string): void {
    this.#order({ close: [code, reason] });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Promise.all(this.#orders);
    await this.#page.context().close();
  }

  #order(order: Order): void {
    this.#orders.push(
      this.#page.evaluate((order) => globalThis.obey(order), order),
    );
  }

  #take(told: Told): void {
    if ("text" in told) this.messages.push(told.text);
    else if ("binary" in told) this.messages.push(decodeBase64(told.binary));
    else if ("closed" in told) this.end(told.closed);
    else {
      this.protocol = told.open;
      this.#opening.resolve();
    }
  }
}

/** Runs in the page. */
function openInPage([url, ...protocols]: readonly string[]): void {
  const socket = new WebSocket(url!, protocols);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => globalThis.tell({ open: socket.protocol });
  socket.onmessage = ({ data }) =>
    globalThis.tell(
      typeof data === "string"
        ? { text: data }
        : { binary: new Uint8Array(data).toBase64() },
    );
  socket.onclose = ({ code, reason }) =>
    globalThis.tell({ closed: [code, reason] });
  globalThis.obey = (order) => {
    if ("text" in order) socket.send(order.text);
    else if ("binary" in order) {
      socket.send(Uint8Array.fromBase64(order.binary));
    } else socket.close(...order.close);
  };
}

let browser: Browser;

testClients({
  name: "Chromium",
  pings: false,
  deflate: "both",
  closesAsWhatwg: true,
  register: (name, fn) =>
    browserTest(name, async (started) => {
      browser = started;
      await fn();
    }),
  async connect(url) {
    const context = await browser.newContext();
    const peer = new PagePeer(await context.newPage());
    await peer.open(url);
    return peer;
  },
});
