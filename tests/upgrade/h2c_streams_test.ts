import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  type Handler,
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
  sendInterim,
  type ServeOptions,
} from "../../upgrade/mod.ts";
import { answerOf, call, textIn, withHttp2 } from "./_http2_client.ts";
import {
  CODE,
  END,
  END_HEADERS,
  frame,
  GET,
  Http2Peer,
  request,
  setting,
  TYPE,
  u32,
} from "./_http2_peer.ts";
import { withServer } from "./_serve.ts";

const HTTP2 = { h2c: true };
const POST = { ":method": "POST" };
const POSTED = [[":method", "POST"], ...GET.slice(1)] as const;
const MIB = 1 << 20;

/** Bytes of which none stands where another one could without notice. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

Deno.test("serve() gives a handler all of a request over HTTP/2", async () => {
  const seen: unknown[] = [];
  await withServer(async (request, { remoteAddr, localAddr }) => {
    const { method, url, headers } = request;
    const { hostname } = remoteAddr as Deno.NetAddr;
    const { port } = localAddr as Deno.NetAddr;
    seen.push(method, url, [...headers], await request.text(), hostname, port);
    return new Response("a");
  }, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const fields = {
        ":method": "REPORT",
        ":path": "/a?b",
        ":authority": "c.example",
        "x-latin": "é",
        cookie: ["d=1", "e=2"],
      };
      const body = new TextEncoder().encode("body");
      assertEquals(textIn(await call(session, { fields, body })), "a");
    });
    assertEquals(seen, [
      ...["REPORT", "http://c.example/a?b"],
      [["cookie", "d=1; e=2"], ["host", "c.example"], ["x-latin", "é"]],
      ...["body", "127.0.0.1", port],
    ]);
  }, HTTP2);
});

Deno.test("serve() sends a response as it is over HTTP/2, without fields of connections", async () => {
  await withServer(() => {
    const headers = new Headers({
      connection: "close",
      "keep-alive": "timeout=5",
      "transfer-encoding": "chunked",
      upgrade: "a",
      "x-latin": "é",
      "content-length": "4",
    });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response("body", { status: 418, headers });
  }, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const answer = await call(session);
      assert(typeof answer.fields.date === "string");
      delete answer.fields.date;
      const fields: unknown = Object.fromEntries(Object.entries(answer.fields));
      assertEquals(fields, {
        ":status": 418,
        "x-latin": "é",
        "content-length": "4",
        "content-type": "text/plain;charset=UTF-8",
        "set-cookie": ["a=1", "b=2"],
      });
      assertEquals(textIn(answer), "body");
    });
  }, HTTP2);
});

Deno.test("serve() sends no body over HTTP/2 for HEAD, 204 and 304", async () => {
  const cancelled: string[] = [];
  await withServer((request) => {
    const path = new URL(request.url).pathname;
    if (path !== "/") {
      const headers = { "content-length": "0" };
      return new Response(null, { status: +path.slice(1), headers });
    }
    const body = new ReadableStream({
      cancel: () => void cancelled.push(path),
    });
    return new Response(body, { headers: { "content-length": "7" } });
  }, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const head = await call(session, { fields: { ":method": "HEAD" } });
      assertEquals(head.fields["content-length"], "7");
      for (const status of [204, 304]) {
        const { fields, body } = await call(session, {
          fields: { ":path": `/${status}` },
        });
        assertEquals([fields[":status"], body.length], [status, 0]);
        const length = status === 204 ? undefined : "0";
        assertEquals(fields["content-length"], length);
      }
    });
  }, HTTP2);
  assertEquals(cancelled, ["/"]);
});

Deno.test("serve() moves large bodies both ways at once over HTTP/2", async () => {
  const sent = pattern(8 * MIB);
  await withServer(
    (request) => new Response(request.body),
    async ({ port }) => {
      await withHttp2(port, async (session) => {
        const { body } = await call(session, { fields: POST, body: sent });
        assertEquals(body.length, sent.length);
        assert(body.every((byte, i) => byte === sent[i]));
      });
    },
    HTTP2,
  );
});

Deno.test("serve() answers 100 requests of one connection at once, and refuses the next", async () => {
  const meeting = Promise.withResolvers<void>();
  let met = 0;
  await withServer(async (request) => {
    if (++met === 100) meeting.resolve();
    await meeting.promise;
    return new Response(request.url.slice(-3));
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    const fields = (i: number) =>
      [...GET.slice(0, 3), [":path", `/${100 + i}`]] as const;
    for (let i = 0; i < 99; i++) await peer.send(request(2 * i + 1, fields(i)));
    await peer.send(request(199, fields(99)), request(201));
    assertEquals(await peer.readReset(201), CODE.refusedStream);
    for (let i = 0; i < 100; i++) {
      assertEquals(await peer.readAnswer(2 * i + 1), `${100 + i}`);
    }
  }, HTTP2);
});

Deno.test("serve() reads a body over HTTP/2 no faster than its handler", async () => {
  let taken = 0;
  const done = Promise.withResolvers<void>();
  await withServer(async (request) => {
    const reader = request.body!.getReader();
    taken += (await reader.read()).value!.length;
    await done.promise;
    return new Response("a");
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1, POSTED, END_HEADERS));
    // All that the window lets through.
    const payload = new Uint8Array(13_107);
    const piece = frame(TYPE.data, { streamId: 1, payload });
    await peer.send(piece, piece, piece, piece, piece);
    let opened = 0;
    // What the client may send on besides is what the handler has read, and
    // what the engine takes in before that.
    await peer.send(frame(TYPE.ping, { payload: new Uint8Array(8) }));
    for (;;) {
      const { type, streamId, payload } = await peer.read();
      if (type === TYPE.ping) break;
      if (type !== TYPE.windowUpdate || streamId !== 1) continue;
      opened += new DataView(payload.buffer).getUint32(0);
    }
    assertLess(opened, 65_535);
    done.resolve();
  }, HTTP2);
  assertLess(taken, 65_536);
});

Deno.test("serve() makes a body over HTTP/2 no faster than its client takes it", async () => {
  let made = 0;
  const cancelled = Promise.withResolvers<void>();
  await withServer(() => {
    const body = new ReadableStream({
      pull(controller) {
        made += MIB;
        controller.enqueue(new Uint8Array(MIB));
      },
      cancel: () => cancelled.resolve(),
    }, { highWaterMark: 0 });
    return new Response(body);
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    let came = 0;
    while (came < 65_535) {
      came += (await peer.readUntil(TYPE.data, 1)).payload.length;
    }
    const ping = frame(TYPE.ping, { payload: new Uint8Array(8) });
    await peer.send(ping);
    await peer.readUntil(TYPE.ping);
    assertLess(made, 4 * MIB);
    await peer.send(
      frame(TYPE.rstStream, { streamId: 1, payload: u32(CODE.cancel) }),
    );
    await cancelled.promise;
    await peer.send(request(3));
  }, HTTP2);
});

Deno.test("serve() ends a response over HTTP/2 with END_STREAM, and resets nothing, when the socket is full before the windows are", async () => {
  let made = 0;
  let isFull = false;
  const pull = (controller: ReadableStreamDefaultController) => {
    if (isFull) return controller.close();
    made += 0x4000;
    controller.enqueue(new Uint8Array(0x4000));
  };
  const nextTurns = async () => {
    for (let turns = 100; turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await withServer(
    () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })),
    async ({ port }) => {
      using peer = await Http2Peer.open(port, setting(4, 2 ** 31 - 1));
      const payload = u32(2 ** 30);
      await peer.send(frame(TYPE.windowUpdate, { payload }), request(1));
      for (let before = -1; made === 0 || made > before;) {
        before = made;
        await nextTurns();
      }
      isFull = true;
      // What the system keeps, whatever the client's windows let through.
      assertLess(made, 64 * MIB);
      let came = 0;
      for (let hasEnded = false; !hasEnded;) {
        const { type, flags, payload } = await peer.read();
        assert(type !== TYPE.rstStream, "It is reset before its end");
        if (type !== TYPE.data) continue;
        came += payload.length;
        hasEnded = (flags & END) > 0;
      }
      assertEquals(came, made);
    },
    HTTP2,
  );
});

Deno.test("serve() aborts the signal when a stream over HTTP/2 is reset, and when its connection goes", async () => {
  const begun: PromiseWithResolvers<Request>[] = [
    Promise.withResolvers(),
    Promise.withResolvers(),
  ];
  let count = 0;
  await withServer(async (request) => {
    begun[count++]!.resolve(request);
    await new Promise((resolve) =>
      request.signal.addEventListener("abort", resolve)
    );
    return new Response("late");
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    await begun[0]!.promise;
    await peer.send(
      frame(TYPE.rstStream, { streamId: 1, payload: u32(CODE.cancel) }),
      request(3),
    );
    const first = (await begun[0]!.promise).signal;
    const { signal } = await begun[1]!.promise;
    assertEquals([first.aborted, signal.aborted], [true, false]);
    const aborted = new Promise((resolve) =>
      signal.addEventListener("abort", resolve)
    );
    peer.socket.close();
    await aborted;
  }, HTTP2);
});

Deno.test("serve() drops up to 64 KiB that a handler left, and stops what is longer, over HTTP/2", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    using peer = await Http2Peer.open(port);
    const payload = new Uint8Array(10_000);
    for (let id = 1; id < 41; id += 2) {
      const data = frame(TYPE.data, { streamId: id, flags: 1, payload });
      await peer.send(request(id, POSTED, END_HEADERS), data);
      assertEquals(await peer.readAnswer(id), "a");
    }
    await peer.send(request(101, POSTED, END_HEADERS));
    assertEquals(await peer.readAnswer(101), "a");
    const piece = frame(TYPE.data, { streamId: 101, payload });
    for (let sent = 0; sent < 7; sent++) await peer.send(piece);
    assertEquals(await peer.readReset(101), CODE.noError);
    await peer.send(request(103));
    assertEquals(await peer.readAnswer(103), "a");
  }, HTTP2);
});

Deno.test("sendInterim() sends before the answer over HTTP/2, and 100 comes when the body is read", async () => {
  let seen: Request | undefined;
  await withServer(async (request) => {
    await sendInterim(request, 103, { link: "</a>; rel=preload" });
    seen = request;
    return new Response(await request.text());
  }, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const stream = session.request(
        { ...POST, expect: "100-continue" },
        { endStream: false },
      );
      stream.on("continue", () => stream.end("body"));
      const answer = await answerOf(stream);
      assertEquals(textIn(answer), "body");
      const hints = answer.interim.map((fields) => [
        fields[":status"] as unknown,
        fields.link,
      ]);
      assertEquals(hints, [[103, "</a>; rel=preload"], [100, undefined]]);
      await assertRejects(() => sendInterim(seen!, 103), TypeError);
    });
  }, HTTP2);
});

Deno.test("serve() answers an error of a handler over HTTP/2, and tells of it once", async () => {
  const ERROR = new Error("a secret");
  await withServer((request) => {
    const path = new URL(request.url).pathname;
    if (path === "/throws") throw ERROR;
    if (path === "/refuses") {
      const headers = [["Allow", "GET"], ["Upgrade", "a"]] as const;
      throw new HttpError("no", { status: 405, message: "No.", headers });
    }
    const headers = { "x-a": "b\x01" };
    return path === "/field" ? new Response(null, { headers }) : null!;
  }, async ({ port, takeErrors }) => {
    await withHttp2(port, async (session) => {
      const { message } = HTTP_ERRORS.internal_error;
      for (const path of ["/throws", "/field", "/nothing"]) {
        const answer = await call(session, { fields: { ":path": path } });
        assertEquals(answer.fields[":status"], 500, path);
        assertEquals(textIn(answer), `${message}\n`);
        assertEquals(takeErrors().length, 1);
      }
      const fields = { ":path": "/refuses" };
      const answer = await call(session, { fields });
      assertEquals(answer.fields[":status"], 405);
      assertEquals([answer.fields.allow, textIn(answer)], ["GET", "No.\n"]);
      const head = await call(session, {
        fields: { ...fields, ":method": "HEAD" },
      });
      assertEquals([head.fields[":status"], head.body.length], [405, 0]);
    });
  }, HTTP2);
});

Deno.test("serve() resets a stream whose body fails, is no bytes or has another length", async () => {
  const bodies: Readonly<Record<string, () => BodyInit>> = {
    fails: () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        pull: (controller) => controller.error(new Error("a secret")),
      }, { highWaterMark: 0 }),
    text: () =>
      new ReadableStream<unknown>({
        start(controller) {
          controller.enqueue(new Uint8Array(1));
          controller.enqueue("no bytes");
        },
      }) as ReadableStream<Uint8Array<ArrayBuffer>>,
    short: () => "123",
    long: () => "12345",
  };
  await withServer((request) => {
    const name = new URL(request.url).pathname.slice(1);
    const headers = name === "short" || name === "long"
      ? { "content-length": "4" }
      : {};
    return new Response(bodies[name]?.() ?? "a", { headers });
  }, async ({ port, takeErrors }) => {
    await withHttp2(port, async (session) => {
      for (const name of Object.keys(bodies)) {
        const fields = { ":path": `/${name}` };
        const error = await assertRejects(
          () => call(session, { fields }),
          Error,
          "INTERNAL_ERROR",
        );
        assert(!error.message.includes("secret"));
        assertEquals(takeErrors().length, 1, name);
      }
      assertEquals(textIn(await call(session)), "a");
    });
  }, HTTP2);
});

async function assertRefuses(
  code: HttpErrorCode,
  {
    handler = async (request) => new Response(await request.text()),
    options,
    fields,
    body,
  }: {
    handler?: Handler;
    options?: ServeOptions;
    fields: Record<string, string>;
    body?: Uint8Array;
  },
): Promise<void> {
  const refused: string[] = [];
  await withServer(handler, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const answer = await call(session, { fields, ...(body && { body }) });
      assertEquals(answer.fields[":status"], HTTP_ERRORS[code].status);
      assertEquals(textIn(answer), `${HTTP_ERRORS[code].message}\n`);
      assertEquals((await call(session)).fields[":status"], 200);
    });
  }, { ...HTTP2, ...options, onRefusal: ({ code }) => refused.push(code) });
  assertEquals(refused, [code]);
}

Deno.test("serve() refuses a bad request over HTTP/2, and goes on with others", async () => {
  await assertRefuses("bad_target", { fields: { ":path": "/a\\b" } });
  await assertRefuses("bad_host", {
    fields: { ":authority": "a.example", host: "b.example" },
  });
  await assertRefuses("misdirected", { fields: { ":scheme": "https" } });
  await assertRefuses("expectation_failed", { fields: { expect: "magic" } });
  await assertRefuses("target_too_long", {
    fields: { ":path": `/${"a".repeat(8_192)}` },
  });
  await assertRefuses("connect_over_http2", {
    fields: { ":method": "CONNECT", ":authority": "a:1" },
  });
});

Deno.test("serve() refuses a body over its limit over HTTP/2, declared or not", async () => {
  const options = { maxBodyBytes: 1_000 };
  const body = new Uint8Array(1_001);
  await assertRefuses("body_too_large", { fields: POST, body, options });
  await assertRefuses("body_too_large", {
    fields: { ...POST, "content-length": "1001" },
    body,
    options,
    handler: () => new Response("not read"),
  });
});

Deno.test("serve() ends a body that stalls over HTTP/2 with 408", async () => {
  const refused: string[] = [];
  await withServer(
    async (request) => new Response(await request.text()),
    async ({ port }) => {
      using peer = await Http2Peer.open(port);
      await peer.send(request(1, POSTED, END_HEADERS));
      await peer.readUntil(TYPE.headers, 1);
      assertEquals(await peer.readReset(1), CODE.noError);
    },
    {
      ...HTTP2,
      bodyTimeout: 50,
      onRefusal: ({ code }) => refused.push(code),
    },
  );
  assertEquals(refused, ["body_timeout"]);
});

for (const when of ["while it is read", "before it is read"]) {
  Deno.test(`serve() tells the handler that a body over HTTP/2 was cut ${when}`, async () => {
    const failure = Promise.withResolvers<unknown>();
    const begun = Promise.withResolvers<void>();
    await withServer(async (request) => {
      const aborted = new Promise((resolve) =>
        request.signal.addEventListener("abort", resolve)
      );
      begun.resolve();
      if (when === "before it is read") await aborted;
      await request.text().then(failure.resolve, failure.resolve);
      return new Response("late");
    }, async ({ port }) => {
      using peer = await Http2Peer.open(port);
      const payload = new Uint8Array(10);
      await peer.send(
        request(1, POSTED, END_HEADERS),
        frame(TYPE.data, { streamId: 1, payload }),
      );
      await begun.promise;
      await peer.send(
        frame(TYPE.rstStream, { streamId: 1, payload: u32(CODE.cancel) }),
      );
      const error = await failure.promise;
      assert(error instanceof HttpError, `${error}`);
      assertEquals(error.code, "incomplete_body");
    }, HTTP2);
  });
}
