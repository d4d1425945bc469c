// The part of npm:ws that the tests use. Its own types would change those of the
// whole project, through the types of Node that they bring.

type Bytes = Uint8Array<ArrayBuffer>;

interface SocketEvents {
  open: [];
  message: [data: Bytes, isBinary: boolean];
  pong: [data: Bytes];
  close: [code: number, reason: Bytes];
  error: [error: Error];
}

export declare class WebSocket {
  constructor(
    url: string,
    protocols: string[],
    options: { origin?: string; perMessageDeflate?: boolean },
  );
  readonly protocol: string;
  readonly extensions: string;
  on<K extends keyof SocketEvents>(
    event: K,
    listener: (...values: SocketEvents[K]) => void,
  ): this;
  once<K extends keyof SocketEvents>(
    event: K,
    listener: (...values: SocketEvents[K]) => void,
  ): this;
  send(
    data: string | Uint8Array,
    options?: { binary?: boolean; fin?: boolean },
  ): void;
  ping(data?: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

export declare class WebSocketServer {
  constructor(options: {
    host: string;
    port: number;
    perMessageDeflate: boolean;
    handleProtocols: (protocols: ReadonlySet<string>) => string | false;
  });
  on(event: "connection", listener: (socket: WebSocket) => void): this;
  once(event: "listening", listener: () => void): this;
  address(): { port: number };
  close(callback: () => void): void;
}
