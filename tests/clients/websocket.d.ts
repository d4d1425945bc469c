// The part of npm:websocket that the tests use.

type Message =
  | { readonly type: "utf8"; readonly utf8Data: string }
  | { readonly type: "binary"; readonly binaryData: Uint8Array };

export interface Connection {
  readonly protocol: string;
  on(event: "message", listener: (message: Message) => void): this;
  on(event: "pong", listener: (payload: Uint8Array) => void): this;
  on(event: "close", listener: (code: number, reason: string) => void): this;
  sendUTF(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  ping(payload: Uint8Array): void;
  close(code: number, reason: string): void;
}

interface Request {
  accept(protocol: string): Connection;
}

declare class Client {
  connect(url: string, protocols: string[]): void;
  on(event: "connect", listener: (connection: Connection) => void): this;
  on(event: "connectFailed", listener: (error: Error) => void): this;
}

declare class Server {
  constructor(options: { httpServer: unknown; maxReceivedFrameSize: number });
  on(event: "request", listener: (request: Request) => void): this;
}

declare const library: { client: typeof Client; server: typeof Server };

export default library;
