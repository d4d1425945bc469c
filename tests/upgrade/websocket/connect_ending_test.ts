import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
  WebSocketConn,
  WebSocketHandshakeError,
} from "../../../upgrade/websocket/mod.ts";
import type { RawSocket } from "../../_raw_socket.ts";
import { closed, readHead } from "../_peer.ts";
import { switching, withAnswering } from "./_answering.ts";

/** What a server has said when the client gives up, and the URL for that. */
interface Stage {
  readonly name: string;
  /** Brings the client to the stage. */
  readonly reach: (peer: RawSocket) => Promise<unknown>;
  readonly options: (port: number) => [string, ConnectWebSocketOptions];
}

const plain: Stage["options"] = (port) => [`ws://127.0.0.1:${port}/`, {}];
const proxied = (scheme: string): Stage["options"] => (port) => [
  `${scheme}://a.example/`,
  { proxy: { url: `http://127.0.0.1:${port}` } },
];

async function makeTunnel(peer: RawSocket): Promise<void> {
  await readHead(peer);
  await peer.send("HTTP/1.1 200 OK\r\n\r\n");
}

/** Waits for the first record of TLS. */
const readHello = (peer: RawSocket) => peer.readExactly(5);

const STAGES: readonly Stage[] = [
  { name: "the server has not answered", reach: readHead, options: plain },
  {
    name: "half of the answer has come",
    reach: async (peer) => {
      await readHead(peer);
      await peer.send("HTTP/1.1 101 Swi");
    },
    options: plain,
  },
  {
    name: "the proxy has not answered",
    reach: readHead,
    options: proxied("ws"),
  },
  {
    name: "the server behind the proxy has not answered",
    reach: async (peer) => {
      await makeTunnel(peer);
      await readHead(peer);
    },
    options: proxied("ws"),
  },
];

// Deno keeps the socket of an unfinished TLS handshake until the peer ends it,
// so what the peer sees is no end.
const TLS_STAGES: readonly Stage[] = [
  {
    name: "TLS has not begun",
    reach: readHello,
    options: (port) => [`wss://127.0.0.1:${port}/`, {}],
  },
  {
    name: "TLS through the proxy has not begun",
    reach: async (peer) => {
      await makeTunnel(peer);
      await readHello(peer);
    },
    options: proxied("wss"),
  },
];

for (const stage of [...STAGES, ...TLS_STAGES]) {
  const ends = STAGES.includes(stage);

  Deno.test(`connectWebSocket() rejects with the signal's reason when that aborts while ${stage.name}`, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("enough");
    const rejected = Promise.withResolvers<void>();
    await withAnswering(async (peer) => {
      await stage.reach(peer);
      controller.abort(reason);
      await rejected.promise;
      if (ends) await closed(peer);
    }, async ({ port }) => {
      const [url, options] = stage.options(port);
      const error = await assertRejects(() =>
        connectWebSocket(url, { ...options, signal })
      );
      assertStrictEquals(error, reason);
      rejected.resolve();
    });
  });

  Deno.test(`connectWebSocket() rejects when it takes too long while ${stage.name}`, async () => {
    const rejected = Promise.withResolvers<void>();
    await withAnswering(async (peer) => {
      await stage.reach(peer);
      await rejected.promise;
      if (ends) await closed(peer);
    }, async ({ port }) => {
      const [url, options] = stage.options(port);
      const error = await assertRejects(
        () => connectWebSocket(url, { ...options, handshakeTimeout: 100 }),
        WebSocketHandshakeError,
      );
      assertEquals(error.code, "handshake_timeout");
      assertStrictEquals(error.response, undefined);
      rejected.resolve();
    });
  });
}

Deno.test("connectWebSocket() connects to nobody when the signal has aborted before", async () => {
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  const url = "ws://a.invalid/";
  assertStrictEquals(
    await assertRejects(() => connectWebSocket(url, { signal })),
    reason,
  );
});

Deno.test("connectWebSocket() closes the connection it was given when the signal has aborted before", async () => {
  const signal = AbortSignal.abort();
  await withAnswering((peer) => closed(peer), async ({ port, url }) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await assertRejects(
      () => connectWebSocket(url, { conn, signal }),
      DOMException,
    );
  });
});

Deno.test("connectWebSocket() rejects with the signal's reason when that aborts while it connects", async () => {
  await withAnswering((peer) => closed(peer), async ({ port, url }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const opening = connectWebSocket(url, { signal });
    const reason = new Error("enough");
    controller.abort(reason);
    assertStrictEquals(await assertRejects(() => opening), reason);
    // For the server, if the first connection never was.
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  });
});

Deno.test("connectWebSocket() rejects with the signal's reason when that aborts in a refusal's body", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const answer = "HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf";
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send(answer);
    await closed(peer);
  }, async ({ port, url }) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const read = conn.read.bind(conn);
    let missing = answer.length;
    Object.defineProperty(conn, "read", {
      value: async (target: Uint8Array) => {
        if (missing === 0) controller.abort("enough");
        const count = await read(target);
        missing -= count ?? 0;
        return count;
      },
    });
    const error = await connectWebSocket(url, { conn, signal })
      .catch((error) => error);
    assertEquals([missing, error], [0, "enough"]);
  });
});

Deno.test("connectWebSocket() rejects with the refusal when the rest of its body takes too long", async () => {
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf");
    await closed(peer);
  }, async ({ url }) => {
    const { code, response } = await assertRejects(
      () => connectWebSocket(url, { handshakeTimeout: 100 }),
      WebSocketHandshakeError,
    );
    assertEquals(code, "handshake_refused");
    assertEquals([response?.status, await response?.text()], [403, "half"]);
  });
});

Deno.test("connectWebSocket() leaves the open socket alone when the signal aborts, or the time is over", async () => {
  await withAnswering(async (peer) => {
    await peer.send(switching(await readHead(peer)));
    await peer.readExactly(6 + 4);
    await peer.send(Uint8Array.of(0x88, 0));
    await peer.closeWrite();
    await closed(peer);
  }, async ({ url }) => {
    const signal = AbortSignal.timeout(500);
    const options = { signal, handshakeTimeout: 400 };
    const socket = await connectWebSocket(url, options);
    await new Promise((resolve) => signal.onabort = resolve);
    assertEquals(socket.readyState, WebSocketConn.OPEN);
    socket.forEach(() => {});
    socket.send("open");
    assertEquals((await socket.closed).wasClean, true);
  });
});
