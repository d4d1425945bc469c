// The part of npm:ws that the tests use as a client.

type Data = Uint8Array<ArrayBuffer>;

interface Events {
  open: [];
  message: [data: Data, isBinary: boolean];
  ping: [data: Data];
  pong: [data: Data];
  close: [code: number, reason: Data];
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
  on<K extends keyof Events>(
    event: K,
    listener: (...values: Events[K]) => void,
  ): this;
  once<K extends keyof Events>(
    event: K,
    listener: (...values: Events[K]) => void,
  ): this;
  send(
    data: string | Uint8Array,
    options?: { binary?: boolean; fin?: boolean },
  ): void;
  ping(data?: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}
