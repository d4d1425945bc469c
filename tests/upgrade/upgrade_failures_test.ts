import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type Handler,
  HttpError,
  HttpResponseError,
  type HttpResponseErrorCode,
  onUpgrade,
  RESPONSE_ERRORS,
  sendInterim,
  sendRequest,
  serveConn,
  type ServeOptions,
  UPGRADE_ERRORS,
  UpgradeError,
  type UpgradeErrorCode,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket, sendAndReset } from "../_raw_socket.ts";
import { closed, readHead, withPeer } from "./_peer.ts";
import { readResponse } from "./_response.ts";
import { type Served, withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const OFFER = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n" +
  "Upgrade: raw\r\n";
const UPGRADE = `${OFFER}\r\n`;
const SWITCH = "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";
const OFFERED = { upgrade: "raw" };
const utf8 = new TextEncoder();
// In milliseconds.
const SHORT = 50;

function switching(upgrade = "raw"): Response {
  return new Response(null, { status: 101, headers: { upgrade } });
}

/** Fails when a promise was rejected that nobody has seen. */
async function withoutUnhandled(test: () => Promise<void>): Promise<void> {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  try {
    await test();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    globalThis.removeEventListener("unhandledrejection", note);
  }
  assertEquals(unhandled, []);
}

/** What a handler does, and what the client does at the same time. */
interface Provocation {
  /** The handler's promise of an upgrade, which it gives to `watch`. */
  handler(watch: (upgraded: Promise<unknown>) => void): Handler;
  /** Sends what leads to the failure, and reads what comes of it. */
  client(socket: RawSocket, served: Served): Promise<void>;
  readonly options?: ServeOptions;
  /** What the server's `onError` is told. */
  readonly errors?: number;
}

/** A way in which `onUpgrade(request)` fails. */
interface ServerFailure {
  readonly code: UpgradeErrorCode;
  readonly name: string;
  /** What the connection is good for after it. */
  readonly after: "http" | "closed";
  /** What the cause of the error is, if it has one. */
  readonly cause?: abstract new (...args: never[]) => Error;
  provoke(): Provocation;
}

/** A request, and the status that answers it. */
function asking(
  request: string,
  status: number,
): (socket: RawSocket) => Promise<void> {
  return async (socket) => {
    await socket.send(request);
    assertEquals((await readResponse(socket)).status, status);
  };
}

/** A handler that thinks until the client has acted. */
function thinking(
  act: (socket: RawSocket, served: Served) => Promise<void> | void,
): Provocation {
  const asked = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  return {
    handler: (watch) => async (request) => {
      const upgraded = onUpgrade(request);
      watch(upgraded);
      asked.resolve();
      await upgraded.catch(() => {});
      failed.resolve();
      return switching();
    },
    async client(socket, served) {
      await socket.send(UPGRADE);
      await asked.promise;
      await act(socket, served);
      await failed.promise;
    },
  };
}

/** A handler that answers 101, after which the request's body is awaited. */
function withBody(
  act: (socket: RawSocket) => Promise<void>,
  options: ServeOptions = {},
): Provocation {
  return {
    handler: (watch) => (request) => {
      watch(onUpgrade(request));
      return switching();
    },
    client: act,
    options,
  };
}

/** A handler whose answer waits behind more than the system's buffers take. */
function answeringBehindMuch(): Provocation {
  return {
    handler: (watch) => (request) => {
      watch(onUpgrade(request));
      const link = "x".repeat(1 << 20);
      for (let i = 0; i < 16; i++) {
        sendInterim(request, 103, { link }).catch(() => {});
      }
      return switching();
    },
    client: (socket) => socket.send(UPGRADE),
  };
}

const FAILURES: readonly ServerFailure[] = [
  {
    code: "not_upgradable",
    name: "the request offers nothing",
    after: "http",
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        return new Response();
      },
      client: asking(GET, 200),
    }),
  },
  {
    code: "already_taken",
    name: "it is asked for twice",
    after: "http",
    provoke: () => ({
      handler: (watch) => (request) => {
        onUpgrade(request);
        watch(onUpgrade(request));
        return new Response();
      },
      client: asking(UPGRADE, 200),
    }),
  },
  {
    code: "not_upgraded",
    name: "the handler answers something else",
    after: "http",
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        return new Response("a page");
      },
      client: asking(UPGRADE, 200),
    }),
  },
  {
    code: "not_upgraded",
    name: "the handler refuses a tunnel",
    after: "http",
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        return new Response(null, { status: 403 });
      },
      client: asking("CONNECT y:1 HTTP/1.1\r\nHost: y:1\r\n\r\n", 403),
    }),
  },
  {
    code: "handler_failed",
    name: "the handler throws",
    after: "http",
    cause: Error,
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        throw new Error("a bug");
      },
      client: asking(UPGRADE, 500),
      errors: 1,
    }),
  },
  {
    code: "handler_failed",
    name: "the handler throws an HttpError",
    after: "http",
    cause: HttpError,
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        throw new HttpError("busy", { status: 503, message: "Later." });
      },
      client: asking(UPGRADE, 503),
    }),
  },
  {
    code: "handler_failed",
    name: "the handler switches to what was not offered",
    after: "http",
    cause: TypeError,
    provoke: () => ({
      handler: (watch) => (request) => {
        watch(onUpgrade(request));
        return switching("other");
      },
      client: asking(UPGRADE, 500),
      errors: 1,
    }),
  },
  {
    code: "awaited_too_early",
    name: "the handler awaits it",
    after: "http",
    provoke: () => ({
      handler: (watch) => async (request) => {
        const upgraded = onUpgrade(request);
        watch(upgraded);
        await upgraded.catch(() => {});
        return new Response();
      },
      client: asking(UPGRADE, 200),
      options: { upgradeTimeout: SHORT },
    }),
  },
  {
    code: "awaited_too_early",
    name: "the handler switches when it was given up",
    after: "http",
    provoke: () => ({
      ...thinking(() => {}),
      client: asking(UPGRADE, 500),
      options: { upgradeTimeout: SHORT },
      errors: 1,
    }),
  },
  {
    code: "body_not_read",
    name: "the request's body is too large to be dropped",
    after: "closed",
    cause: HttpError,
    provoke: () =>
      withBody((socket) =>
        asking(
          `${OFFER}Content-Length: 200000\r\n\r\n${"x".repeat(200_000)}`,
          413,
        )(socket)
      ),
  },
  {
    code: "body_not_read",
    name: "the request's body is badly framed",
    after: "closed",
    cause: HttpError,
    provoke: () =>
      withBody(asking(`${OFFER}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 400)),
  },
  {
    code: "body_not_read",
    name: "the request's body does not come in time",
    after: "closed",
    cause: HttpError,
    provoke: () =>
      withBody(asking(`${OFFER}Content-Length: 5\r\n\r\nhe`, 408), {
        bodyTimeout: SHORT,
      }),
  },
  {
    code: "client_gone",
    name: "the client closes while the handler thinks",
    after: "closed",
    provoke: () => thinking((socket) => socket.close()),
  },
  {
    code: "client_gone",
    name: "the client resets while the handler thinks",
    after: "closed",
    cause: Deno.errors.ConnectionReset,
    provoke: () => {
      const asked = Promise.withResolvers<void>();
      const { handler } = thinking(() => {});
      return {
        handler: (watch) =>
          handler((upgraded) => {
            asked.resolve();
            watch(upgraded);
          }),
        async client(socket, { port }) {
          socket.close();
          const moment = asked.promise;
          await sendAndReset(port, { data: UPGRADE, moment });
        },
      };
    },
  },
  {
    code: "client_gone",
    name: "the client ends its direction while the handler thinks",
    after: "closed",
    provoke: () => thinking((socket) => socket.closeWrite()),
  },
  {
    code: "client_gone",
    name: "the client leaves in the middle of the request's body",
    after: "closed",
    provoke: () =>
      withBody(async (socket) => {
        await socket.send(`${OFFER}Content-Length: 5\r\n\r\nhe`);
        await socket.closeWrite();
        assertEquals((await readResponse(socket)).status, 400);
      }),
  },
  {
    code: "client_gone",
    name: "the client ends its direction while the answer is written",
    after: "closed",
    provoke: () => ({
      ...answeringBehindMuch(),
      async client(socket) {
        await socket.send(UPGRADE);
        await socket.closeWrite();
      },
    }),
  },
  {
    code: "write_failed",
    name: "the client takes nothing of the answer in time",
    after: "closed",
    provoke: () => ({
      ...answeringBehindMuch(),
      options: { writeTimeout: SHORT },
    }),
  },
  {
    code: "shutting_down",
    name: "the server is cut while the answer is written",
    after: "closed",
    provoke: () => ({
      ...answeringBehindMuch(),
      async client(socket, { server }) {
        await socket.send(UPGRADE);
        await socket.readUntil("103 ");
        await server.shutdown();
      },
      options: { shutdownTimeout: SHORT },
    }),
  },
  {
    code: "shutting_down",
    name: "the server is cut while the handler thinks",
    after: "closed",
    provoke: () => ({
      ...thinking((_socket, { server }) => server.shutdown()),
      options: { shutdownTimeout: SHORT },
    }),
  },
];

for (const { code, name, after, cause, provoke } of FAILURES) {
  Deno.test(`onUpgrade() rejects with ${code} and leaves nothing behind when ${name}`, async () => {
    const { handler, client, options, errors = 0 } = provoke();
    const outcome = Promise.withResolvers<unknown>();
    const first = handler((upgraded) => {
      const succeed = () => outcome.reject(new Error("It came about"));
      upgraded.then(succeed, outcome.resolve);
    });
    let requests = 0;
    const answer: Handler = (request, info) =>
      requests++ === 0 ? first(request, info) : new Response("next");
    await withoutUnhandled(() =>
      withServer(answer, async (served) => {
        using socket = await connect(served.port);
        await client(socket, served);
        const error = await outcome.promise;
        assertFailure(error, code);
        if (cause !== undefined) assertInstanceOf(error.cause, cause);
        if (after === "http") {
          await socket.send(GET);
          assertEquals((await readResponse(socket)).body, "next");
        } else await assertClosed(socket);
        assertEquals(served.takeErrors().length, errors);
      }, options)
    );
  });
}

Deno.test("onUpgrade() rejects with write_failed and leaves nothing behind when the client has gone before the answer is written", async () => {
  const path = Deno.makeTempFileSync({ suffix: ".sock" });
  Deno.removeSync(path);
  await withoutUnhandled(async () => {
    using listener = Deno.listen({ transport: "unix", path });
    using client = await Deno.connect({ transport: "unix", path });
    await client.write(utf8.encode(UPGRADE));
    client.close();
    // What it has sent is still there to be read, but nobody takes the answer.
    const conn = await listener.accept();
    let upgraded: Promise<unknown> | undefined;
    await serveConn(conn, (request) => {
      upgraded = onUpgrade(request);
      return switching();
    });
    const error = await upgraded!.catch((error) => error);
    assertFailure(error, "write_failed");
    assertInstanceOf(error.cause, Deno.errors.BrokenPipe);
    assertThrows(() => conn.close(), Deno.errors.BadResource);
  });
});

/** A way in which an upgrade fails that a client has asked for. */
interface ClientFailure {
  readonly code: UpgradeErrorCode;
  readonly name: string;
  readonly headers?: HeadersInit;
  readonly answer: string;
  /** Asks before that. */
  readonly before?: (response: Response) => void;
}

const CLIENT_FAILURES: readonly ClientFailure[] = [
  {
    code: "not_upgradable",
    name: "the request offered nothing",
    headers: {},
    answer: "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\npage",
  },
  {
    code: "not_upgraded",
    name: "the server answers something else",
    answer: "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\npage",
  },
  {
    code: "not_upgraded",
    name: "the server asks for another protocol",
    answer: "HTTP/1.1 426 \r\nUpgrade: other\r\nConnection: upgrade\r\n" +
      "Content-Length: 4\r\n\r\npage",
  },
  {
    code: "already_taken",
    name: "it is asked for twice",
    answer: "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\npage",
    before: (response) => void onUpgrade(response),
  },
];
for (
  const { code, name, headers = OFFERED, answer, before } of CLIENT_FAILURES
) {
  Deno.test(`onUpgrade() rejects with ${code} and HTTP goes on when ${name}`, async () => {
    await withoutUnhandled(() =>
      withPeer(async (peer) => {
        for (let i = 0; i < 2; i++) {
          await readHead(peer);
          await peer.send(answer);
        }
      }, async (conn) => {
        const response = await sendRequest(conn, request(headers));
        before?.(response);
        assertFailure(await onUpgrade(response).catch((error) => error), code);
        assertEquals(await response.text(), "page");
        const next = await sendRequest(conn, request({}));
        assertEquals(await next.text(), "page");
      })
    );
  });
}

/** A way in which a server's answer is none that an upgrade can come of. */
interface ResponseFailure {
  readonly code: HttpResponseErrorCode;
  readonly name: string;
  readonly headers?: HeadersInit;
  /** What the server sends before it ends, unless it `waits`. */
  readonly answer: string;
  readonly waits?: true;
}

const RESPONSE_FAILURES: readonly ResponseFailure[] = [
  {
    code: "unexpected_switch",
    name: "nothing was offered",
    headers: {},
    answer: SWITCH,
  },
  {
    code: "protocol_not_offered",
    name: "the server switches to what was not offered",
    answer: SWITCH.replace("raw", "other"),
  },
  {
    code: "bad_switch",
    name: "the server does not say to what it switches",
    answer: "HTTP/1.1 101 \r\nConnection: upgrade\r\n\r\n",
  },
  { code: "no_response", name: "the server leaves", answer: "" },
  {
    code: "incomplete_head",
    name: "the server leaves in the middle of its 101",
    answer: SWITCH.slice(0, -2),
  },
  {
    code: "head_timeout",
    name: "the server does not answer in time",
    answer: "HTTP/1.1 101",
    waits: true,
  },
];
for (
  const { code, name, headers = OFFERED, answer, waits } of RESPONSE_FAILURES
) {
  Deno.test(`sendRequest() rejects with ${code} and closes the connection when ${name}`, async () => {
    await withoutUnhandled(() =>
      withPeer(async (peer) => {
        await readHead(peer);
        await peer.send(answer);
        if (!waits) await peer.closeWrite();
        await closed(peer);
      }, async (conn) => {
        const options = { headTimeout: SHORT };
        const error = await assertRejects(
          () => sendRequest(conn, request(headers), options),
          HttpResponseError,
        );
        assertEquals(error.code, code);
        assertEquals(error.message, RESPONSE_ERRORS[code]);
        assertThrows(() => conn.close(), Deno.errors.BadResource);
      })
    );
  });
}

Deno.test("UPGRADE_ERRORS has no code that no failure here leads to", () => {
  const seen = new Set(
    [...FAILURES, ...CLIENT_FAILURES].map(({ code }) => code),
  );
  assertEquals([...seen].sort(), Object.keys(UPGRADE_ERRORS).sort());
});

function request(headers: HeadersInit): Request {
  return new Request("http://a.example/", { headers });
}

function assertFailure(
  error: unknown,
  code: UpgradeErrorCode,
): asserts error is UpgradeError {
  assertInstanceOf(error, UpgradeError);
  assertEquals(error.code, code);
  assertEquals(error.message, `Cannot upgrade: ${UPGRADE_ERRORS[code]}`);
}

/** Fails unless the connection has ended, on this side or on the other. */
async function assertClosed(socket: RawSocket): Promise<void> {
  try {
    await socket.readToEnd();
  } catch (error) {
    const { BadResource, ConnectionReset } = Deno.errors;
    assert(error instanceof BadResource || error instanceof ConnectionReset);
  }
}
