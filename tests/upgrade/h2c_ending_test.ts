import { assert, assertEquals, assertLess } from "@std/assert";
import { connect } from "../_raw_socket.ts";
import {
  block,
  CODE,
  concat,
  END,
  END_HEADERS,
  frame,
  GET,
  Http2Peer,
  opening,
  request,
  setting,
  TYPE,
  u32,
} from "./_http2_peer.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";
import { HttpError } from "../../upgrade/http1/mod.ts";

const HTTP2 = { h2c: true };
const MIB = 1 << 20;
const hello = () => new Response("hello");

/** The same frame for many numbers. */
function many(
  count: number,
  make: (i: number) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(Array.from({ length: count }, (_, i) => make(i)));
}

function reset(streamId: number): Uint8Array<ArrayBuffer> {
  return frame(TYPE.rstStream, { streamId, payload: u32(CODE.cancel) });
}

Deno.test("HttpServer.shutdown() says GOAWAY, lets streams end, and closes", async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  await withServer(async () => {
    begun.resolve();
    await end.promise;
    return hello();
  }, async ({ port, server }) => {
    using peer = await Http2Peer.open(port);
    using idle = await Http2Peer.open(port);
    await idle.readUntil(TYPE.settings);
    await peer.send(request(1));
    await begun.promise;
    const shutdown = server.shutdown();
    assertEquals(await idle.readGoaway(), CODE.noError);
    assertEquals(await peer.readGoaway(), CODE.noError);
    end.resolve();
    assertEquals(await peer.readAnswer(1), "hello");
    await assertEnds(peer.socket);
    idle.socket.close();
    peer.socket.close();
    await shutdown;
  }, HTTP2);
});

Deno.test("HttpServer.shutdown() cuts streams over HTTP/2 when its time is over", async () => {
  const aborted = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await withServer(async ({ signal }) => {
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    aborted.resolve();
    return hello();
  }, async ({ port, server }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    await begun.promise;
    await server.shutdown();
    await aborted.promise;
  }, { ...HTTP2, shutdownTimeout: 100 });
});

Deno.test("serve() closes a connection of HTTP/2 with GOAWAY when it is idle for too long", async () => {
  await withServer(hello, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    assertEquals(await peer.readAnswer(1), "hello");
    assertEquals(await peer.readGoaway(), CODE.noError);
    await assertEnds(peer.socket);
    using upgraded = await connect(port);
    await upgraded.send(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n" +
        "Connection: upgrade, http2-settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    );
    await upgraded.readUntil("\r\n\r\n");
    assertEquals(await new Http2Peer(upgraded).readGoaway(), CODE.noError);
    await assertEnds(upgraded);
  }, { ...HTTP2, keepAliveTimeout: 100 });
});

Deno.test("serve() does not close a connection of HTTP/2 while a request runs", async () => {
  const end = Promise.withResolvers<void>();
  await withServer(async () => {
    await end.promise;
    return hello();
  }, async ({ port }) => {
    using idle = await Http2Peer.open(port);
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    await idle.readGoaway();
    await idle.readGoaway().catch(() => {});
    end.resolve();
    assertEquals(await peer.readAnswer(1), "hello");
    await peer.send(request(3));
    assertEquals(await peer.readAnswer(3), "hello");
  }, { ...HTTP2, keepAliveTimeout: 100 });
});

Deno.test("serve() answers a client that has ended its direction, and closes", async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const end = Promise.withResolvers<void>();
  await withServer(async ({ signal }) => {
    begun.resolve(signal);
    await end.promise;
    return hello();
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    const signal = await begun.promise;
    const aborted = new Promise((resolve) =>
      signal.addEventListener("abort", resolve)
    );
    await peer.socket.closeWrite();
    await aborted;
    end.resolve();
    assertEquals(await peer.readAnswer(1), "hello");
    await peer.socket.readToEnd();
  }, HTTP2);
});

Deno.test("serve() lets a connection of HTTP/2 make maxRequests requests", async () => {
  await withServer(hello, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(request(1));
    assertEquals(await peer.readAnswer(1), "hello");
    await peer.send(request(3));
    assertEquals(await peer.readAnswer(3), "hello");
    assertEquals(await peer.readGoaway(), CODE.noError);
    await assertEnds(peer.socket);
  }, { ...HTTP2, maxRequests: 2 });
});

Deno.test("serve() resets a stream whose client takes nothing of it, and goes on with others", async () => {
  const cancelled = Promise.withResolvers<void>();
  await withServer((request) => {
    if (!request.url.endsWith("/endless")) return hello();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(MIB)),
      cancel: () => cancelled.resolve(),
    });
    return new Response(body);
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port, setting(4, 10));
    await peer.send(request(1, [...GET.slice(0, 3), [":path", "/endless"]]));
    assertEquals(await peer.readReset(1), CODE.cancel);
    await cancelled.promise;
    await peer.send(request(3));
    assertEquals(await peer.readAnswer(3), "hello");
  }, { ...HTTP2, writeTimeout: 100 });
});

Deno.test("serve() closes a connection of HTTP/2 whose client reads nothing", async () => {
  const cancelled = Promise.withResolvers<void>();
  await withServer(() => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(MIB)),
      cancel: () => cancelled.resolve(),
    });
    return new Response(body);
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port, setting(4, 2 ** 31 - 1));
    const payload = u32(2 ** 30);
    await peer.send(frame(TYPE.windowUpdate, { payload }), request(1));
    await cancelled.promise;
  }, { ...HTTP2, writeTimeout: 100 });
});

Deno.test("serve() calms a client that resets requests whose handlers still run", async () => {
  let running = 0;
  const end = Promise.withResolvers<void>();
  await withServer(async () => {
    running++;
    await end.promise;
    return hello();
  }, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    await peer.send(
      many(500, (i) => concat([request(2 * i + 1), reset(2 * i + 1)])),
    );
    assertEquals(await peer.readGoaway(), CODE.enhanceYourCalm);
    assertLess(running, 250);
    end.resolve();
  }, HTTP2);
});

const FLOODS: Readonly<Record<string, () => Uint8Array>> = {
  "requests that are reset": () =>
    many(5_000, (i) => concat([request(2 * i + 1), reset(2 * i + 1)])),
  PING: () =>
    many(50_000, () => frame(TYPE.ping, { payload: new Uint8Array(8) })),
  SETTINGS: () => many(50_000, () => frame(TYPE.settings)),
  CONTINUATION: () =>
    concat([
      frame(TYPE.headers, { flags: END, streamId: 1, payload: block(GET) }),
      many(10_000, (i) => {
        const payload = block([[`x${i}`, "y".repeat(100)]]);
        return frame(TYPE.continuation, { streamId: 1, payload });
      }),
    ]),
  "empty CONTINUATION": () =>
    concat([
      frame(TYPE.headers, { flags: END, streamId: 1, payload: block(GET) }),
      many(10_000, () => frame(TYPE.continuation, { streamId: 1 })),
    ]),
  "empty DATA": () =>
    concat([
      request(1, [[":method", "POST"], ...GET.slice(1)], END_HEADERS),
      many(50_000, () => frame(TYPE.data, { streamId: 1 })),
    ]),
  "unknown frames": () => many(50_000, () => frame(0x77)),
};

for (const [name, make] of Object.entries(FLOODS)) {
  Deno.test(`serve() ends a flood of ${name} over HTTP/2, and answers others meanwhile`, async () => {
    await withServer(hello, async ({ port }) => {
      using flooding = await Http2Peer.open(port);
      using other = await connect(port);
      const flood = flooding.send(make()).catch(() => {});
      const goaway = flooding.readGoaway();
      await other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals((await readResponse(other)).body, "hello");
      assert(await goaway !== CODE.noError);
      await flood;
    }, HTTP2);
  });
}

Deno.test("serve() refuses fields that grow out of HPACK's table", async () => {
  await withServer(hello, async ({ port }) => {
    using peer = await Http2Peer.open(port);
    // RFC 7541 §6.2.1: a field of 4,000 bytes with indexing, then references.
    const large = concat([
      Uint8Array.of(0x40, 1, 0x61, 127, 0xa1, 30),
      new Uint8Array(4_000).fill(0x62),
    ]);
    const references = new Uint8Array(10_000).fill(0xbe);
    const flags = END | END_HEADERS;
    await peer.send(
      frame(TYPE.headers, {
        flags,
        streamId: 1,
        payload: concat([block(GET), large]),
      }),
      frame(TYPE.headers, {
        flags,
        streamId: 3,
        payload: concat([block(GET), references]),
      }),
    );
    assertEquals(await peer.readReset(3), CODE.enhanceYourCalm);
    assertEquals(await peer.readAnswer(1), "hello");
  }, HTTP2);
});

const MALFORMED: Readonly<Record<string, Uint8Array>> = {
  "a name in capitals": request(1, [...GET, ["A", "b"]]),
  "a field of the connection": request(1, [...GET, ["connection", "close"]]),
  "Transfer-Encoding": request(1, [...GET, ["transfer-encoding", "chunked"]]),
  "two paths": request(1, [...GET, [":path", "/"]]),
  "no path": request(1, GET.slice(0, 3)),
  "a pseudo-field at the end": request(1, [
    ...GET.slice(1),
    ["a", "b"],
    [":method", "GET"],
  ]),
  "two lengths": request(1, [
    ...GET,
    ["content-length", "0"],
    ["content-length", "0"],
  ]),
  "a body shorter than its length": request(1, [
    ...GET,
    ["content-length", "5"],
  ]),
  "DATA on no stream": frame(TYPE.data, { payload: u32(1) }),
  "DATA on a stream that is idle": frame(TYPE.data, { streamId: 5 }),
  "a window over its limit": frame(TYPE.windowUpdate, {
    payload: u32(2 ** 31 - 1),
  }),
  "a frame over its limit": frame(TYPE.data, {
    streamId: 1,
    payload: new Uint8Array(16_385),
  }),
  "broken HPACK": frame(TYPE.headers, {
    flags: END | END_HEADERS,
    streamId: 1,
    payload: Uint8Array.of(0xff, 0xff, 0xff),
  }),
};

for (const [name, bytes] of Object.entries(MALFORMED)) {
  Deno.test(`serve() ends a connection of HTTP/2 that sends ${name}, and calls no handler`, async () => {
    let calls = 0;
    await withServer(() => {
      calls++;
      return hello();
    }, async ({ port }) => {
      using peer = new Http2Peer(await connect(port));
      await peer.send(opening(), bytes);
      assert(await peer.readGoaway() !== CODE.noError);
      await assertEnds(peer.socket);
    }, HTTP2);
    assertEquals(calls, 0);
  });
}

Deno.test("serve() waits for room for an error's answer over HTTP/2 no longer than writeTimeout", async () => {
  await withServer(() => {
    throw new HttpError("misdirected");
  }, async ({ port }) => {
    using peer = new Http2Peer(await connect(port));
    // SETTINGS_INITIAL_WINDOW_SIZE: no room for any body.
    await peer.send(opening(setting(4, 0)));
    const fields = block([[":method", "POST"], ...GET.slice(1)]);
    await peer.send(
      frame(TYPE.headers, { flags: END_HEADERS, streamId: 1, payload: fields }),
    );
    const piece = { streamId: 1, payload: new Uint8Array(16_000) };
    const pieces = many(3, () => frame(TYPE.data, piece));
    await peer.send(pieces);
    let came = await peer.read();
    for (; came.type !== TYPE.rstStream; came = await peer.read()) {
      // More than is drained of what the handler left, if there is room for it.
      const hasRoom = came.type === TYPE.windowUpdate && came.streamId === 1;
      if (hasRoom) await peer.send(pieces);
    }
    assertEquals(came.payload, u32(CODE.cancel));
  }, { ...HTTP2, writeTimeout: 1_000 });
});

Deno.test("serve() counts fields by its limit before its SETTINGS are acknowledged, and ends who does not stop", async () => {
  await withServer(hello, async ({ port }) => {
    // No SETTINGS frame of the peer acknowledges ours.
    using peer = new Http2Peer(await connect(port));
    const large = concat([
      Uint8Array.of(0x40, 1, 0x61, 127, 0xa1, 30),
      new Uint8Array(4_000).fill(0x62),
    ]);
    const references = new Uint8Array(100).fill(0xbe);
    const flags = END | END_HEADERS;
    await peer.send(
      opening(),
      frame(TYPE.headers, {
        flags,
        streamId: 1,
        payload: concat([block(GET), large]),
      }),
      frame(TYPE.headers, {
        flags,
        streamId: 3,
        payload: concat([block(GET), references]),
      }),
    );
    // An engine that has no limit yet gives the request to the server: 431.
    assertEquals(await peer.readReset(3), CODE.enhanceYourCalm);
    await peer.send(many(300, (i) =>
      frame(TYPE.headers, {
        flags,
        streamId: 5 + 2 * i,
        payload: concat([block(GET), references]),
      })));
    assertEquals(await peer.readGoaway(), CODE.enhanceYourCalm);
    await assertEnds(peer.socket);
  }, HTTP2);
});

for (const name of ["TE", "HTTP2-Settings"]) {
  Deno.test(`serve() leaves ${name} out of an error's answer over HTTP/2`, async () => {
    await withServer(() => {
      throw new HttpError("mine", {
        status: 400,
        message: "mine",
        headers: [[name, "x"]],
      });
    }, async ({ port }) => {
      using peer = await Http2Peer.open(port);
      await peer.send(request(1));
      const { payload } = await peer.readUntil(TYPE.data);
      assertEquals(new TextDecoder().decode(payload), "mine\n");
    }, HTTP2);
  });
}
