// The part of npm:ws that the tests use as a server.

type Data = Uint8Array<ArrayBuffer>;

export interface ServerSocket {
  readonly protocol: string;
  readonly extensions: string;
  on(
    event: "message",
    listener: (data: Data, isBinary: boolean) => void,
  ): this;
  send(data: string | Uint8Array, options?: { binary?: boolean }): void;
  close(code?: number, reason?: string): void;
}

export declare class WebSocketServer {
  constructor(
    options: { host: string; port: number; perMessageDeflate?: boolean },
  );
  address(): { port: number };
  once(event: "listening", listener: () => void): this;
  on(event: "connection", listener: (socket: ServerSocket) => void): this;
  close(done: () => void): void;
}
