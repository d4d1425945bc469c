import { Buffer } from "node:buffer";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "../_raw_socket.ts";
import type { Account, Peer, SeenRequest } from "./account.ts";

/** What is known of one connection so far. */
class Log {
  readonly requests: SeenRequest[] = [];
  readonly #messages: IncomingMessage[] = [];
  readonly #settled = Promise.withResolvers<void>();
  /** Resolves when nothing more can become known. */
  readonly settled: Promise<void> = this.#settled.promise;
  #socket: Socket | undefined;
  #stopped = false;
  #refused = false;

  /** Whether the parser found a fault. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Follows a connection until it has ended. */
  watch(socket: Socket): void {
    this.#socket = socket;
    socket.on("end", () => this.#stop());
    socket.on("error", () => this.#stop());
    socket.on("close", () => this.#settled.resolve());
  }

  /** Notes a request and what comes of its body. */
  add(message: IncomingMessage): SeenRequest {
    const entry = makeEntry(message);
    this.requests.push(entry);
    this.#messages.push(message);
    // The error says that the connection has ended, which is known.
    message.on("error", () => {});
    message.on("data", (data: Buffer) => entry.body += data.toString("latin1"));
    message.on("end", () => {
      entry.state = "complete";
      this.#settle();
    });
    return entry;
  }

  /** The parser found a fault. */
  refuse(): void {
    this.#refused = true;
    this.#stop();
  }

  // Nothing more is parsed; what has been parsed is still to be handed out.
  #stop(): void {
    this.#stopped = true;
    this.#settle();
  }

  #settle(): void {
    const isDue = (message: IncomingMessage, i: number) =>
      message.complete && this.requests[i]?.state !== "complete";
    if (!this.#stopped || this.#messages.some(isDue)) return;
    const last = this.requests.at(-1);
    if (this.#refused && last?.state === "waiting") last.state = "refused";
    this.#socket?.destroy();
  }
}

/**
 * Starts a server of `node:http` on a free port.
 *
 * Its handler does not answer, for the server closes the connection after an
 * answer that is the last, and of what it has parsed by then some would be
 * handed out and some would not.
 */
export async function startNode(): Promise<Peer> {
  const logs = new Map<number, Log>();
  // Both ends of a connection come here, in either order.
  const logOf = (port: number): Log => {
    const log = logs.get(port) ?? new Log();
    logs.set(port, log);
    return log;
  };
  const server = createServer();
  listen(server, logOf);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    async account(stream) {
      using socket = await connect(port);
      const { port: own } = socket.conn.localAddr as Deno.NetAddr;
      const log = logOf(own);
      await socket.send(Buffer.from(stream, "latin1"));
      try {
        await socket.closeWrite();
        await socket.readToEnd();
      } catch (error) {
        if (!isLoss(error)) throw error;
      }
      await log.settled;
      logs.delete(own);
      return makeAccount(log);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

function listen(server: Server, logOf: (port: number) => Log): void {
  // Otherwise a client that has ended its sending direction is taken for gone.
  Object.assign(server, { httpAllowHalfOpen: true });
  const logs = new WeakMap<object, Log>();
  const add = (message: IncomingMessage) =>
    logs.get(message.socket)?.add(message);
  const handOver = (message: IncomingMessage, socket: Socket, head: Buffer) => {
    const entry = add(message);
    if (entry === undefined) return;
    entry.tunnel = head.toString("latin1");
    socket.on("data", (data: Buffer) => {
      entry.tunnel += data.toString("latin1");
    });
  };
  server.on("connection", (socket: Socket) => {
    const log = logOf(socket.remotePort as number);
    logs.set(socket, log);
    log.watch(socket);
  });
  server.on("request", add);
  server.on("checkExpectation", add);
  server.on("checkContinue", (message, response: ServerResponse) => {
    response.writeContinue();
    add(message);
  });
  server.on("connect", handOver);
  server.on("upgrade", handOver);
  server.on("clientError", (_error, socket) => logs.get(socket)?.refuse());
}

function makeEntry(message: IncomingMessage): SeenRequest {
  const { method = "", url = "", rawHeaders } = message;
  const fields = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    fields.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  }
  const authority = authorityOf(method, url);
  const host = fields.get("host");
  // RFC 9112 §3.2.2: the host of the target replaces that of the field.
  if (authority !== undefined && host !== null) fields.set("host", authority);
  return {
    version: message.httpVersion,
    method,
    url: urlOf(authority ?? host ?? "", pathOf(method, url)),
    fields: [...fields],
    body: "",
    state: "waiting",
    tunnel: undefined,
  };
}

/** The authority that a target names, if it names one. */
function authorityOf(method: string, target: string): string | undefined {
  if (method === "CONNECT") return target;
  return /^https?:\/\/([^/?]*)/i.exec(target)?.[1];
}

function pathOf(method: string, target: string): string {
  if (method === "CONNECT") return "/";
  const path = target.replace(/^https?:\/\/[^/?]*/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

function urlOf(authority: string, path: string): string {
  const url = `http://${authority || "localhost"}${path}`;
  return URL.canParse(url) ? new URL(url).href : url;
}

function isLoss(error: unknown): boolean {
  const { ConnectionReset, BrokenPipe, NotConnected } = Deno.errors;
  return error instanceof ConnectionReset || error instanceof BrokenPipe ||
    error instanceof NotConnected;
}

function makeAccount(log: Log): Account {
  const { requests } = log;
  const left = requests.at(-1)?.tunnel !== undefined;
  const end = left ? "left" : log.refused ? "refused" : "open";
  return { requests, end, fault: "" };
}
