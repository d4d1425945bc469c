// The part of npm:undici that the tests use. Its own types would change those of
// the whole project, through the types of Node that they bring.

interface RequestOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

interface ResponseBody extends AsyncIterable<Uint8Array> {
  json(): Promise<unknown>;
  text(): Promise<string>;
}

interface ResponseData {
  readonly statusCode: number;
  readonly body: ResponseBody;
}

interface Dispatcher {
  close(): Promise<void>;
}

export declare class Agent implements Dispatcher {
  constructor(options?: { connections?: number });
  close(): Promise<void>;
}

export declare class Client implements Dispatcher {
  constructor(url: string, options: { pipelining: number });
  readonly stats: { readonly running: number };
  on(event: "connect", listener: () => void): this;
  request(
    options: RequestOptions & {
      readonly path: string;
      readonly idempotent: boolean;
      readonly blocking: boolean;
    },
  ): Promise<ResponseData>;
  close(): Promise<void>;
}

export declare function request(
  url: string,
  options: RequestOptions & { readonly dispatcher: Dispatcher },
): Promise<ResponseData>;

export declare function fetch(
  url: string,
  options: RequestInit & { readonly dispatcher: Dispatcher },
): Promise<Response>;

export declare class WebSocket extends EventTarget {
  constructor(
    url: string,
    options: { protocols: string[]; dispatcher: Dispatcher },
  );
  readonly protocol: string;
  binaryType: "arraybuffer" | "blob";
  onopen: (() => void) | null;
  onmessage: ((event: MessageEvent<string | ArrayBuffer>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
}

export declare function ping(socket: WebSocket, payload: Uint8Array): void;
