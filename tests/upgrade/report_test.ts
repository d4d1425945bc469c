import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { listen } from "../../upgrade/listen.ts";
import {
  type ErrorContext,
  type Handler,
  HttpError,
  type HttpErrorCode,
  HttpServer,
  onUpgrade,
  type ServeOptions,
  SERVER_ERRORS,
  TrustedProxies,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { type Served, withServer } from "./_serve.ts";

const HOST = "Host: x\r\n";
const GET = `GET /a?b=%63 HTTP/1.1\r\n${HOST}\r\n`;
const POST = `POST /a?b=%63 HTTP/1.1\r\n${HOST}`;
const UPGRADE =
  `GET /up HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: raw\r\n`;
const TARGET = "/a?b=%63";
const FORWARDED = "Forwarded: for=203.0.113.7\r\n";
const BEHIND_PROXY = { trustProxy: new TrustedProxies(["127.0.0.1"]) };
const FORWARDED_ADDR: Deno.Addr = {
  transport: "tcp",
  hostname: "203.0.113.7",
  port: 0,
};

/** What a callback was told. */
interface Note<T = unknown> {
  readonly error: T;
  readonly context: ErrorContext;
}

/** What a server has told until it had shut down. */
interface Told {
  /** The address of the client. */
  readonly client: Deno.Addr;
  readonly errors: Note[];
  readonly refusals: Note<HttpError>[];
}

/** Serves one client, and collects what the server tells. */
async function toldBy(
  handler: Handler,
  talk: (socket: RawSocket, served: Served) => Promise<unknown>,
  options: ServeOptions = {},
): Promise<Told> {
  const errors: Note[] = [];
  const refusals: Note<HttpError>[] = [];
  let client: Deno.Addr | undefined;
  await withServer(handler, async (served) => {
    using socket = await connect(served.port);
    client = socket.conn.localAddr;
    await talk(socket, served);
  }, {
    onError: (error, context) => errors.push({ error, context }),
    onRefusal: (error, context) => refusals.push({ error, context }),
    ...options,
  });
  return { client: client!, errors, refusals };
}

/** Takes the words that are written to the console meanwhile. */
async function consoleDuring(action: () => Promise<unknown>): Promise<string> {
  const { error } = console;
  const lines: string[] = [];
  console.error = (...words) => lines.push(words.map(String).join(" "));
  try {
    await action();
  } finally {
    console.error = error;
  }
  return lines.join("\n");
}

/** Sends a request, and reads the status of the answer. */
async function ask(socket: RawSocket, request: string): Promise<number> {
  await socket.send(request);
  return (await readResponse(socket)).status;
}

/** Sends a request and reads all that comes. */
async function askToEnd(socket: RawSocket, request: string): Promise<void> {
  await socket.send(request);
  await socket.readToEnd();
}

const hello: Handler = () => new Response("hello");
const readBody: Handler = async (request) => new Response(await request.text());

/** A handler that throws. */
function throwing(error: unknown): Handler {
  return () => {
    throw error;
  };
}

/** A response whose body fails when its first piece has been sent. */
function failingBody(error: unknown): Response {
  const pieces = [new TextEncoder().encode("begun")];
  return new Response(
    new ReadableStream({
      async pull(controller) {
        const piece = pieces.pop();
        if (piece !== undefined) return controller.enqueue(piece);
        await nextTurn();
        controller.error(error);
      },
    }, { highWaterMark: 0 }),
  );
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A handler that upgrades, and does `use` with the upgraded connection. */
function upgradingTo(
  use: (upgraded: Awaited<ReturnType<typeof onUpgrade>>) => void,
): Handler {
  return (request) => {
    onUpgrade(request).then(use);
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  };
}

/** A handler whose upgraded connection has something to report. */
const reporting = upgradingTo((upgraded) => {
  using conn = upgraded;
  conn.report("a bug");
});

Deno.test("onError is told internal_error when a handler throws or rejects", async () => {
  const bug = new Error("a bug");
  for (const handler of [throwing(bug), () => Promise.reject(bug)]) {
    const { client, errors, refusals } = await toldBy(
      handler,
      async (socket) => assertEquals(await ask(socket, GET), 500),
    );
    assertEquals(errors.length, 1);
    assertStrictEquals(errors[0]!.error, bug);
    assertEquals(errors[0]!.context, {
      code: "internal_error",
      remoteAddr: client,
      method: "GET",
      target: TARGET,
    });
    assertEquals(refusals, []);
  }
});

Deno.test("onError is told internal_error when the response cannot be sent", async () => {
  const responses = [
    () => new Response(null, { headers: { "content-length": "5" } }),
    () => new Response("a", { headers: { "content-length": "x" } }),
    () => new Response(null, { status: 101 }),
    () => undefined as unknown as Response,
  ];
  for (const respond of responses) {
    const { client, errors } = await toldBy(
      respond,
      async (socket) => assertEquals(await ask(socket, GET), 500),
    );
    assertEquals(errors.map(({ context }) => context), [{
      code: "internal_error",
      remoteAddr: client,
      method: "GET",
      target: TARGET,
    }]);
  }
});

Deno.test("onError is told the method and the target as they came", async () => {
  const requests: [request: string, method: string, target: string][] = [
    [`get /%7Ea//b/../?c HTTP/1.1\r\n${HOST}`, "get", "/%7Ea//b/../?c"],
    [`GET http://X:80/a HTTP/1.1\r\n${HOST}`, "GET", "http://X:80/a"],
    [`OPTIONS * HTTP/1.1\r\n${HOST}`, "OPTIONS", "*"],
    ["CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n", "CONNECT", "x:1"],
    [`HEAD / HTTP/1.0\r\n`, "HEAD", "/"],
  ];
  for (const [request, method, target] of requests) {
    const { errors } = await toldBy(throwing(new Error("a bug")), (socket) =>
      // No answer to HEAD can be told from its length.
      socket.send(`${request}\r\n`).then(() => socket.readUntil("\r\n\r\n")));
    assertEquals(
      errors.map(({ context }) => [context.method, context.target]),
      [[method, target]],
    );
  }
});

Deno.test("onError is told of each request by itself when one connection has several", async () => {
  const { client, errors } = await toldBy(
    (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/2") return new Response("fine");
      throw new Error(pathname);
    },
    async (socket) => {
      for (const i of [1, 2, 3]) {
        await ask(socket, `GET /${i} HTTP/1.1\r\n${HOST}\r\n`);
      }
    },
  );
  assertEquals(
    errors.map(({ error, context }) => [(error as Error).message, context]),
    ["/1", "/3"].map((target) => [target, {
      code: "internal_error",
      remoteAddr: client,
      method: "GET",
      target,
    }]),
  );
});

Deno.test("onError is told response_failed when a body fails after it has begun", async () => {
  const bug = new Error("a bug");
  const { client, errors, refusals } = await toldBy(
    () => failingBody(bug),
    (socket) => askToEnd(socket, GET),
  );
  assertEquals(errors.length, 1);
  assertStrictEquals(errors[0]!.error, bug);
  assertEquals(errors[0]!.context, {
    code: "response_failed",
    remoteAddr: client,
    method: "GET",
    target: TARGET,
  });
  assertEquals(refusals, []);
});

Deno.test("onError is told response_failed when the body of a 2xx to CONNECT cannot be cancelled", async () => {
  const { client, errors } = await toldBy((request) => {
    onUpgrade(request).then((upgraded) => upgraded.close());
    return new Response(
      new ReadableStream({
        cancel() {
          throw new Error("a bug");
        },
      }),
    );
  }, (socket) => askToEnd(socket, "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n"));
  assertEquals(errors.map(({ context }) => context), [{
    code: "response_failed",
    remoteAddr: client,
    method: "CONNECT",
    target: "x:1",
  }]);
});

Deno.test("onError is told protocol_failed when the protocol that took over reports", async () => {
  const { client, errors } = await toldBy(
    reporting,
    (socket) => askToEnd(socket, `${UPGRADE}\r\n`),
  );
  assertEquals(errors, [{
    error: "a bug",
    context: {
      code: "protocol_failed",
      remoteAddr: client,
      method: "GET",
      target: "/up",
    },
  }]);
});

/** What is told when `onshutdown` of an upgraded connection throws. */
function toldOfShutdown(fields: string, options?: ServeOptions): Promise<Told> {
  const handler = upgradingTo((upgraded) => {
    upgraded.onshutdown = () => {
      upgraded.close();
      throw "a bug";
    };
  });
  return toldBy(handler, async (socket, { server }) => {
    await socket.send(`${UPGRADE}${fields}\r\n`);
    await socket.readUntil("\r\n\r\n");
    await server.shutdown();
  }, options);
}

Deno.test("onError is told protocol_failed when onshutdown throws", async () => {
  const { errors } = await toldOfShutdown("");
  assertEquals(errors.length, 1);
  assertEquals(errors[0]!.error, "a bug");
  assertEquals(errors[0]!.context.code, "protocol_failed");
});

Deno.test("onError is told whose request it was when onshutdown throws", async () => {
  const { client, errors } = await toldOfShutdown("");
  assertEquals(errors.map(({ context }) => context), [{
    code: "protocol_failed",
    remoteAddr: client,
    method: "GET",
    target: "/up",
  }]);
});

/** A server that cannot accept at first, and what it tells. */
async function withFailingAccept(
  onError: (error: unknown, context: ErrorContext) => void,
): Promise<void> {
  const listener = listen({ port: 0 });
  let failures = 2;
  const accept = () =>
    failures-- > 0
      ? Promise.reject(new Error("no file descriptor"))
      : listener.accept();
  const { addr } = listener;
  await using _server = new HttpServer(
    [{ addr, accept, close: () => listener.close() }],
    hello,
    { onError },
  );
  using socket = await connect((addr as Deno.NetAddr).port);
  assertEquals(await ask(socket, GET), 200);
}

Deno.test("onError is told accept_failed, and no more than that, when accepting fails", async () => {
  const notes: unknown[] = [];
  await withFailingAccept((error, context) =>
    notes.push([(error as Error).message, context])
  );
  assertEquals(notes, [["no file descriptor", { code: "accept_failed" }]]);
});

/** Fails unless a request was refused once, and nothing else was told. */
function assertRefusedOnce(
  { client, errors, refusals }: Told,
  code: HttpErrorCode,
  request: { method?: string; target?: string } = {},
): void {
  assertEquals(refusals.map(({ context }) => context), [
    { code, remoteAddr: client, ...request },
  ]);
  assertInstanceOf(refusals[0]!.error, HttpError);
  assertEquals(refusals[0]!.error.code, code);
  assertEquals(errors, []);
}

const badHeads: [code: HttpErrorCode, head: string][] = [
  ["bad_method", "\x16\x03\x01"],
  ["bad_target", "GET a HTTP/1.1\r\n"],
  ["version_not_supported", "GET / HTTP/2.0"],
  ["missing_host", "GET / HTTP/1.1\r\n\r\n"],
  ["bare_lf", "GET / HTTP/1.1\n"],
  ["too_many_fields", `GET / HTTP/1.1\r\n${HOST}${"a: b\r\n".repeat(200)}`],
  ["expectation_failed", `GET / HTTP/1.1\r\n${HOST}Expect: tea\r\n\r\n`],
];
for (const [code, head] of badHeads) {
  Deno.test(`onRefusal is told ${code}, and no method, when a head is refused`, async () => {
    const told = await toldBy(hello, (socket) => askToEnd(socket, head));
    assertRefusedOnce(told, code);
    // The second head on a connection is as little of the first.
    assertRefusedOnce(
      await toldBy(hello, async (socket) => {
        await ask(socket, GET);
        await askToEnd(socket, head);
      }),
      code,
    );
  });
}

const SENT = { method: "POST", target: TARGET };
const badBodies: [code: HttpErrorCode, rest: string][] = [
  ["bad_chunk_size", "Transfer-Encoding: chunked\r\n\r\nz"],
  ["bad_chunk_end", "Transfer-Encoding: chunked\r\n\r\n1\r\naa"],
  ["bad_trailer", "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: y\r\n\r\n"],
  ["body_too_large", "Transfer-Encoding: chunked\r\n\r\n65\r\n"],
  ["body_too_large", "Content-Length: 101\r\n\r\n"],
];
for (const [code, rest] of badBodies) {
  Deno.test(
    `onRefusal is told ${code}, the method and the target when a body has ${
      JSON.stringify(rest.slice(0, 14))
    }`,
    async () => {
      const told = await toldBy(
        readBody,
        (socket) => askToEnd(socket, POST + rest),
        { maxBodyBytes: 100 },
      );
      assertRefusedOnce(told, code, SENT);
    },
  );
}

Deno.test("onRefusal is told incomplete_body when the client ends in the middle of a body", async () => {
  const told = await toldBy(readBody, async (socket) => {
    await socket.send(`${POST}Content-Length: 5\r\n\r\nab`);
    await socket.closeWrite();
    assertEquals((await readResponse(socket)).status, 400);
  });
  assertRefusedOnce(told, "incomplete_body", SENT);
});

Deno.test("onRefusal is told of a body that goes wrong after the response has begun", async () => {
  const told = await toldBy(
    (request) => new Response(request.body),
    async (socket) => {
      const head = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
      await socket.send(`${head}3\r\none\r\n`);
      await socket.readUntil("one\r\n");
      await socket.send("z");
      await assertEnds(socket);
    },
  );
  assertRefusedOnce(told, "bad_chunk_size", SENT);
});

Deno.test("onRefusal is told misdirected, the method and the target when the scheme is another", async () => {
  const told = await toldBy(
    hello,
    (socket) => askToEnd(socket, `GET https://x/a HTTP/1.1\r\n${HOST}\r\n`),
  );
  const request = { method: "GET", target: "https://x/a" };
  assertRefusedOnce(told, "misdirected", request);
});

Deno.test("onRefusal is told head_timeout, and no method, when a head does not end", async () => {
  const told = await toldBy(hello, async (socket) => {
    assertEquals(await ask(socket, "GET / HTTP/1.1\r\nHost:"), 408);
    await assertEnds(socket);
  }, { headTimeout: 50 });
  assertRefusedOnce(told, "head_timeout");
});

const impatient: [name: string, handler: Handler][] = [
  ["hands the error on", readBody],
  [
    "answers nevertheless",
    async (request) => new Response(await request.text().catch(String)),
  ],
  ["fails by itself", async (request) => {
    await request.text().catch(() => {});
    throw new HttpError("gone", { status: 410, message: "It is gone." });
  }],
];
for (const [name, handler] of impatient) {
  Deno.test(`onRefusal is told body_timeout once when a body does not end and the handler ${name}`, async () => {
    const settled = Promise.withResolvers<unknown>();
    const told = await toldBy((request, info) => {
      const response = Promise.resolve(handler(request, info));
      response.then(settled.resolve, settled.resolve);
      return response;
    }, async (socket) => {
      const request = `${POST}Content-Length: 5\r\n\r\nab`;
      assertEquals(await ask(socket, request), 408);
      await assertEnds(socket);
      // The handler hears of it at the latest when the client has left.
      await socket.closeWrite();
    }, { bodyTimeout: 50 });
    await settled.promise;
    // What the server makes of the outcome is done within this turn.
    await nextTurn();
    assertRefusedOnce(told, "body_timeout", SENT);
  });
}

Deno.test("nobody is told when no byte of a request came in time", async () => {
  const options = { headTimeout: 50, keepAliveTimeout: 50 };
  const told = await toldBy(hello, async (socket, { port }) => {
    await assertEnds(socket);
    using other = await connect(port);
    assertEquals(await ask(other, GET), 200);
    await assertEnds(other);
  }, options);
  assertEquals([told.errors, told.refusals], [[], []]);
});

Deno.test("onRefusal is told when a handler throws an HttpError of a known code", async () => {
  const told = await toldBy(
    throwing(new HttpError("body_too_large", { message: "Not that much." })),
    async (socket) => assertEquals(await ask(socket, GET), 413),
  );
  const request = { method: "GET", target: TARGET };
  assertRefusedOnce(told, "body_too_large", request);
});

for (const code of ["not_found", "constructor", "toString"]) {
  Deno.test(`nobody is told when a handler throws an HttpError of its own code ${code}`, async () => {
    const error = new HttpError(code, { status: 404, message: "Not here." });
    const { errors, refusals } = await toldBy(
      throwing(error),
      async (socket) => assertEquals(await ask(socket, GET), 404),
    );
    assertEquals([errors, refusals], [[], []]);
  });
}

Deno.test("onRefusal is not told when a body fails with an HttpError of the handler's own code", async () => {
  const error = new HttpError("not_found", { status: 404, message: "No." });
  const { refusals } = await toldBy(
    () => failingBody(error),
    (socket) => askToEnd(socket, GET),
  );
  assertEquals(refusals, []);
});

Deno.test("onError is told response_failed when a body fails with an HttpError of the handler's own code", async () => {
  const error = new HttpError("not_found", { status: 404, message: "No." });
  const { client, errors } = await toldBy(
    () => failingBody(error),
    (socket) => askToEnd(socket, GET),
  );
  assertEquals(errors.map(({ context }) => context), [{
    code: "response_failed",
    remoteAddr: client,
    method: "GET",
    target: TARGET,
  }]);
});

Deno.test("onError is told when onRefusal throws, and the refusal is answered", async () => {
  const failure = new Error("onRefusal fails");
  const { errors } = await toldBy(readBody, async (socket, { port }) => {
    assertEquals(await ask(socket, `${POST}Content-Length: x\r\n\r\n`), 400);
    await assertEnds(socket);
    using other = await connect(port);
    assertEquals(await ask(other, GET), 200);
  }, {
    onRefusal: () => {
      throw failure;
    },
  });
  assertEquals(errors.length, 1);
  assertStrictEquals(errors[0]!.error, failure);
});

Deno.test("onError is told a code of SERVER_ERRORS when onRefusal throws", async () => {
  const { errors } = await toldBy(hello, (socket) => askToEnd(socket, "\0"), {
    onRefusal: () => {
      throw new Error("onRefusal fails");
    },
  });
  const [code, ...others] = errors.map(({ context }) => context.code);
  assertEquals(others, []);
  assert(Object.hasOwn(SERVER_ERRORS, code!), `The code is ${code}`);
});

Deno.test("callbacks that throw harm nobody", async () => {
  const callbacks = {
    onError: () => {
      throw new Error("onError fails");
    },
    onRefusal: () => {
      throw new Error("onRefusal fails");
    },
  };
  const handler: Handler = (request) => {
    if (request.url.endsWith("/throw")) throw new Error("a bug");
    if (request.url.endsWith("/fail")) return failingBody("a bug");
    return readBody(request, {} as never);
  };
  const written = await consoleDuring(() =>
    toldBy(handler, async (socket, { port }) => {
      const request = `GET /throw HTTP/1.1\r\n${HOST}\r\n`;
      assertEquals(await ask(socket, request), 500);
      assertEquals(await ask(socket, GET), 200);
      await askToEnd(socket, `GET /fail HTTP/1.1\r\n${HOST}\r\n`);
      const refused = ["\0", `${POST}Transfer-Encoding: chunked\r\n\r\nz`];
      for (const request of refused) {
        using other = await connect(port);
        assertEquals(await ask(other, request), 400);
        await assertEnds(other);
      }
      using other = await connect(port);
      assertEquals(await ask(other, GET), 200);
    }, callbacks)
  );
  assertEquals(written.match(/onError fails/g)?.length, 4);
  assertEquals(written.match(/onRefusal fails/g)?.length, 2);
  assertEquals(written.match(/a bug/g)?.length, 2);
});

Deno.test("an onError that throws does not keep the server from accepting", async () => {
  const written = await consoleDuring(() =>
    withFailingAccept(() => {
      throw new Error("onError fails");
    })
  );
  assertEquals(
    written,
    "accept_failed: Error: no file descriptor Error: onError fails",
  );
});

Deno.test("an onError that throws does not disturb the protocol that took over", async () => {
  const written = await consoleDuring(() =>
    toldBy(
      upgradingTo(async (upgraded) => {
        using conn = upgraded;
        conn.report("a bug");
        await conn.write(new TextEncoder().encode("still here"));
      }),
      async (socket) => {
        await socket.send(`${UPGRADE}\r\n`);
        await socket.readUntil("\r\n\r\n");
        assertEquals(await socket.readTextToEnd(), "still here");
      },
      {
        onError: () => {
          throw new Error("onError fails");
        },
      },
    )
  );
  assertEquals(written, "protocol_failed: a bug Error: onError fails");
});

// Options that are undefined are as good as not given.
const DEFAULTS = { onError: undefined, onRefusal: undefined } as object;

const defaults: [code: string, handler: Handler, request: string][] = [
  ["internal_error", throwing("a bug"), GET],
  ["response_failed", () => failingBody("a bug"), GET],
  ["protocol_failed", reporting, `${UPGRADE}\r\n`],
];
for (const [code, handler, request] of defaults) {
  Deno.test(`the console is told ${code} when there is no onError`, async () => {
    const written = await consoleDuring(() =>
      toldBy(handler, async (socket) => {
        await socket.send(request);
        await socket.closeWrite();
        await socket.readToEnd();
      }, DEFAULTS)
    );
    assertEquals(written, `${code}: a bug`);
  });
}

Deno.test("nobody is told of a refusal when there is no onRefusal", async () => {
  let told: Told | undefined;
  const written = await consoleDuring(async () => {
    told = await toldBy(readBody, async (socket, { port }) => {
      await askToEnd(socket, "\0");
      using other = await connect(port);
      await askToEnd(other, `${POST}Transfer-Encoding: chunked\r\n\r\nz`);
    }, { onRefusal: undefined } as object);
  });
  assertEquals([written, told?.errors], ["", []]);
});

const toldOfErrors: [code: string, handler: Handler, request: string][] = [
  [
    "internal_error",
    throwing("a bug"),
    `${POST}${FORWARDED}Connection: close\r\n\r\n`,
  ],
  ["response_failed", () => failingBody("a bug"), `${POST}${FORWARDED}\r\n`],
  ["protocol_failed", reporting, `${UPGRADE}${FORWARDED}\r\n`],
];
for (const [code, handler, request] of toldOfErrors) {
  Deno.test(`onError is told the forwarded address with ${code} behind a trusted proxy`, async () => {
    const { errors } = await toldBy(
      handler,
      (socket) => askToEnd(socket, request),
      BEHIND_PROXY,
    );
    assertEquals(
      errors.map(({ context }) => [context.code, context.remoteAddr]),
      [[code, FORWARDED_ADDR]],
    );
  });
}

Deno.test("onError is told the forwarded address when onshutdown throws behind a trusted proxy", async () => {
  const { errors } = await toldOfShutdown(FORWARDED, BEHIND_PROXY);
  assertEquals(
    errors.map(({ context }) => context.remoteAddr),
    [FORWARDED_ADDR],
  );
});

const toldOfRefusals: [code: string, request: string][] = [
  ["bad_chunk_size", `${POST}${FORWARDED}Transfer-Encoding: chunked\r\n\r\nz`],
  ["body_timeout", `${POST}${FORWARDED}Content-Length: 5\r\n\r\nab`],
  ["body_too_large", `${POST}${FORWARDED}Content-Length: 101\r\n\r\n`],
  ["misdirected", `GET https://x/ HTTP/1.1\r\n${HOST}${FORWARDED}\r\n`],
];
for (const [code, request] of toldOfRefusals) {
  Deno.test(`onRefusal is told the forwarded address with ${code} behind a trusted proxy`, async () => {
    const { refusals } = await toldBy(readBody, async (socket) => {
      await askToEnd(socket, request);
    }, { ...BEHIND_PROXY, maxBodyBytes: 100, bodyTimeout: 50 });
    const [first] = refusals.map(({ context }) => context);
    assertEquals([first?.code, first?.remoteAddr], [code, FORWARDED_ADDR]);
  });
}

Deno.test("onRefusal is told the proxy's address when a head cannot be read behind it", async () => {
  const { client, refusals } = await toldBy(hello, async (socket) => {
    // What came before on the connection tells nothing of this one.
    await ask(socket, `GET / HTTP/1.1\r\n${HOST}${FORWARDED}\r\n`);
    await askToEnd(socket, `GET / HTTP/1.1\r\n${HOST}${FORWARDED}\0`);
  }, BEHIND_PROXY);
  assertEquals(refusals.map(({ context }) => context), [
    { code: "bad_field_name", remoteAddr: client },
  ]);
});

Deno.test("onError is told the client's own address when nobody is trusted", async () => {
  const { client, errors } = await toldBy(
    throwing("a bug"),
    (socket) => ask(socket, `${POST}${FORWARDED}\r\n`),
  );
  assertEquals(errors.map(({ context }) => context.remoteAddr), [client]);
});
