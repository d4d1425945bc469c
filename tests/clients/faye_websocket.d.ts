// The part of npm:faye-websocket that the tests use.

interface Options {
  readonly extensions: readonly unknown[];
}

interface Events {
  open: unknown;
  message: { readonly data: string | Uint8Array };
  close: { readonly code: number; readonly reason: string };
  error: { readonly message: string };
}

declare class Socket {
  readonly protocol: string;
  on<K extends keyof Events>(
    event: K,
    listener: (event: Events[K]) => void,
  ): this;
  send(data: string | Uint8Array): void;
  ping(payload: string, onPong: () => void): void;
  close(code: number, reason: string): void;
}

declare class Client extends Socket {
  constructor(url: string, protocols: string[], options: Options);
}

export default class WebSocket extends Socket {
  static readonly Client: typeof Client;
  constructor(
    request: unknown,
    socket: unknown,
    body: unknown,
    protocols: string[],
    options: Options,
  );
}

export type { Socket };
