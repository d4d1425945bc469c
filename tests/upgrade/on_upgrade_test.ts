import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  type Handler,
  HttpError,
  onUpgrade,
  UPGRADE_ERRORS,
  type Upgraded,
  UpgradeError,
  type UpgradeErrorCode,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket, sendAndReset } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const UPGRADE =
  "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: line\r\n\r\n";
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const CONNECT = "CONNECT y.example:1 HTTP/1.1\r\nHost: y.example:1\r\n\r\n";
const LF = 10;

/** The response that switches to the protocol of these tests. */
function switching(fields: Record<string, string> = {}): Response {
  const headers = { connection: "upgrade", upgrade: "line", ...fields };
  return new Response(null, { status: 101, headers });
}

/** Answers one line with the same line, as it comes, then closes. */
async function echoLine(pending: Promise<Upgraded>): Promise<void> {
  using conn = await pending;
  const target = new Uint8Array(1 << 16);
  for (;;) {
    const count = await conn.read(target) ?? 0;
    let written = 0;
    while (written < count) {
      written += await conn.write(target.subarray(written, count));
    }
    if (count === 0 || target[count - 1] === LF) break;
  }
}

/** The code that the error of a promise has. */
async function codeOf(
  upgraded: Promise<unknown>,
): Promise<UpgradeErrorCode> {
  const error = await assertRejects(() => upgraded, UpgradeError);
  assertEquals(error.message, `Cannot upgrade: ${UPGRADE_ERRORS[error.code]}`);
  return error.code;
}

/** Reads the head of the 101, or of the 2xx, that switches protocols. */
async function readSwitch(socket: RawSocket): Promise<string> {
  return await socket.readUntil("\r\n\r\n");
}

const ways: [name: string, delay: () => Promise<void>][] = [
  ["at once", () => Promise.resolve()],
  ["in a later turn", () => new Promise((resolve) => setTimeout(resolve, 20))],
];
for (const [name, delay] of ways) {
  Deno.test(`onUpgrade() brings the early bytes first when they come in one segment with the request and the handler answers ${name}`, async () => {
    await withServer(async (request) => {
      echoLine(onUpgrade(request));
      await delay();
      return switching();
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE + "early ");
      await readSwitch(socket);
      await socket.send("and late\n");
      assertEquals(await socket.readTextToEnd(), "early and late\n");
    });
  });

  Deno.test(`onUpgrade() brings every byte when they come one by one and the handler answers ${name}`, async () => {
    await withServer(async (request) => {
      echoLine(onUpgrade(request));
      await delay();
      return switching();
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.sendBytewise(UPGRADE + "byte by byte\n");
      await readSwitch(socket);
      assertEquals(await socket.readTextToEnd(), "byte by byte\n");
    });
  });
}

Deno.test("onUpgrade() brings every byte once when request and protocol are split at any byte", async () => {
  await withServer((request) => {
    echoLine(onUpgrade(request));
    return switching();
  }, async ({ port }) => {
    const all = UPGRADE + "0123456789\n";
    for (let at = 1; at < all.length; at++) {
      using socket = await connect(port);
      await socket.send(all.slice(0, at));
      using other = await connect(port);
      await other.send("?");
      await readResponse(other);
      await socket.send(all.slice(at));
      await readSwitch(socket);
      assertEquals(await socket.readTextToEnd(), "0123456789\n");
    }
  });
});

Deno.test("onUpgrade() brings what the client sends while the handler thinks, and after", async () => {
  const thinking = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(async (request) => {
    if (!request.headers.has("upgrade")) return new Response();
    echoLine(onUpgrade(request));
    thinking.resolve();
    await mayAnswer.promise;
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await thinking.promise;
    for (const part of ["a", "b", "c"]) {
      await socket.send(part);
      using other = await connect(port);
      await other.send(GET);
      await readResponse(other);
    }
    mayAnswer.resolve();
    await readSwitch(socket);
    await socket.send("d\n");
    assertEquals(await socket.readTextToEnd(), "abcd\n");
  });
});

Deno.test("onUpgrade() brings 1 MiB of early bytes in order", async () => {
  const text = Array.from({ length: 150_000 }, (_, i) => `${i},`).join("");
  await withServer((request) => {
    echoLine(onUpgrade(request));
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    const sent = socket.send(`${UPGRADE}${text}\n`);
    await readSwitch(socket);
    const echoed = await socket.readTextToEnd();
    assert(echoed === `${text}\n`);
    await sent;
  });
});

Deno.test("onUpgrade() begins after the request's body when there is one", async () => {
  await withServer((request) => {
    echoLine(onUpgrade(request));
    return switching();
  }, async ({ port }) => {
    const bodies = [
      "Content-Length: 4\r\n\r\nbody",
      "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    ];
    for (const body of bodies) {
      using socket = await connect(port);
      await socket.send(UPGRADE.slice(0, -2) + body + "early\n");
      await readSwitch(socket);
      assertEquals(await socket.readTextToEnd(), "early\n");
      using slow = await connect(port);
      await slow.sendBytewise(UPGRADE.slice(0, -2) + body + "early\n");
      await readSwitch(slow);
      assertEquals(await slow.readTextToEnd(), "early\n");
    }
  });
});

Deno.test("onUpgrade() asks for a body that waits for 100 (Continue), then switches", async () => {
  await withServer((request) => {
    echoLine(onUpgrade(request));
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      UPGRADE.slice(0, -2) +
        "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n",
    );
    assert((await socket.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100 "));
    await socket.send("bodyearly\n");
    assert((await readSwitch(socket)).startsWith("HTTP/1.1 101 "));
    assertEquals(await socket.readTextToEnd(), "early\n");
  });
});

const badBodies: [name: string, body: string, status: number][] = [
  [
    "is more than is read",
    `Content-Length: 200000\r\n\r\n${"x".repeat(200_000)}`,
    413,
  ],
  ["is badly framed", "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400],
];
for (const [name, body, status] of badBodies) {
  Deno.test(`onUpgrade() rejects and the answer is ${status} when the request's body ${name}`, async () => {
    let upgraded: Promise<Upgraded> | undefined;
    await withServer((request) => {
      upgraded = onUpgrade(request);
      return switching();
    }, async ({ port }) => {
      using socket = await connect(port);
      const sent = socket.send(UPGRADE.slice(0, -2) + body).catch(() => {});
      assertEquals((await readResponse(socket)).status, status);
      await sent;
      await assertEnds(socket);
      assertEquals(await codeOf(upgraded!), "body_not_read");
    });
  });
}

Deno.test("onUpgrade() is not given up when the handler has answered and the body takes its time", async () => {
  let first = true;
  await withServer(async (request) => {
    const upgraded = onUpgrade(request);
    if (first) {
      first = false;
      echoLine(upgraded);
    } else await upgraded.catch(() => {});
    return switching();
  }, async ({ port, takeErrors }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE.slice(0, -2) + "Content-Length: 4\r\n\r\nbo");
    // The patience with the other one begins later, and is over.
    using other = await connect(port);
    await other.send(UPGRADE);
    assertEquals((await readResponse(other)).status, 500);
    assertEquals(takeErrors().length, 1);
    await socket.send("dyearly\n");
    assert((await readSwitch(socket)).startsWith("HTTP/1.1 101 "));
    assertEquals(await socket.readTextToEnd(), "early\n");
  }, { upgradeTimeout: 50 });
});

Deno.test("onUpgrade() lets nobody read the request's body any more when it has resolved", async () => {
  const framings = [
    "Content-Length: 8\r\n\r\nthe body",
    "Transfer-Encoding: chunked\r\n\r\n4\r\nthe \r\n4\r\nbody\r\n0\r\n\r\n",
  ];
  for (const framing of framings) {
    const outcome = Promise.withResolvers<void>();
    outcome.promise.catch(() => {});
    await withServer((request) => {
      onUpgrade(request).then(async (upgraded) => {
        using _conn = upgraded;
        await assertRejects(() => request.text(), TypeError, "Cannot read");
      }).then(outcome.resolve, outcome.reject);
      return switching();
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE.slice(0, -2) + framing);
      await readSwitch(socket);
      await outcome.promise;
      await assertEnds(socket);
    });
  }
});

Deno.test("onUpgrade() lets a reader of the request's body end what it has begun, and no more", async () => {
  const reading = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<void>();
  outcome.promise.catch(() => {});
  await withServer(async (request) => {
    const reader = request.body!.getReader();
    await reader.read();
    const begun = reader.read();
    begun.then(() => read.resolve());
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      assertEquals(new TextDecoder().decode((await begun).value), "body");
      await assertRejects(() => reader.read(), TypeError, "Cannot read");
      const target = new Uint8Array(9);
      assertEquals(await conn.read(target), 5);
      assertEquals(new TextDecoder().decode(target.subarray(0, 5)), "early");
    }).then(outcome.resolve, outcome.reject);
    await new Promise((resolve) => setImmediate(resolve));
    reading.resolve();
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE.slice(0, -2) + "Content-Length: 12\r\n\r\nthe ");
    await reading.promise;
    await socket.send("body");
    await read.promise;
    await socket.send("restearly");
    await readSwitch(socket);
    await outcome.promise;
    await assertEnds(socket);
  });
});

for (const [name, delay] of ways) {
  Deno.test(`serve() never touches a connection that has left HTTP when the handler answers ${name}`, async () => {
    const waited = Promise.withResolvers<void>();
    let requests = 0;
    await withServer(
      async (request) => {
        requests++;
        if (!request.headers.has("upgrade")) return new Response("kept");
        const upgraded = onUpgrade(request);
        (async () => {
          using conn = await upgraded;
          await waited.promise;
          await echoLine(Promise.resolve(conn));
        })();
        await delay();
        return switching();
      },
      async ({ port }) => {
        using socket = await connect(port);
        await socket.send(UPGRADE.slice(0, -2) + "Content-Length: 1\r\n\r\n");
        await socket.send("x");
        await readSwitch(socket);
        // Each of the time limits that a connection of HTTP has is over when it
        // has ended another one that began later.
        using unheard = await connect(port);
        using kept = await connect(port);
        await kept.send(GET);
        assertEquals((await readResponse(kept)).body, "kept");
        using slow = await connect(port);
        await slow.send(
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        );
        assertEquals((await readResponse(slow)).body, "kept");
        await Promise.all(
          [unheard, kept, slow].map((conn) => assertEnds(conn)),
        );
        waited.resolve();
        await socket.send(`${GET}${UPGRADE}\n`);
        assertEquals(await socket.readTextToEnd(), `${GET}${UPGRADE}\n`);
        assertEquals(requests, 3);
      },
      {
        headTimeout: 50,
        keepAliveTimeout: 50,
        bodyTimeout: 50,
        writeTimeout: 50,
        upgradeTimeout: 50,
      },
    );
  });
}

Deno.test("serve() completes the head of a 101 when the handler left fields away", async () => {
  await withServer((request) => {
    echoLine(onUpgrade(request));
    const headers = { "upgrade": "Line", "content-length": "0", "x-a": "b" };
    return new Response(null, { status: 101, headers });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE + "\n");
    const head = (await readSwitch(socket)).toLowerCase();
    assert(head.startsWith("http/1.1 101 switching protocols\r\n"));
    assertEquals(head.match(/^connection:.*$/gm), ["connection: upgrade"]);
    assertEquals(head.match(/^upgrade:.*$/gm), ["upgrade: line"]);
    assertEquals(head.match(/^(content-length|transfer-encoding):/gm), null);
    assertEquals(head.match(/^x-a:.*$/gm), ["x-a: b"]);
    assertEquals(await socket.readTextToEnd(), "\n");
  });
});

Deno.test("onUpgrade() brings the tunnel when CONNECT is answered with a 2xx", async () => {
  for (const status of [200, 204, 299]) {
    await withServer((request) => {
      assertEquals(request.method, "CONNECT");
      assertEquals(new URL(request.url).host, "y.example:1");
      echoLine(onUpgrade(request));
      const headers = { "content-length": "5" };
      return new Response(null, { status, headers });
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(CONNECT + "early\n");
      const head = await readSwitch(socket);
      assert(head.startsWith(`HTTP/1.1 ${status} `));
      // RFC 9110 §9.3.6: neither field in a 2xx to CONNECT.
      assert(!/^(content-length|transfer-encoding):/im.test(head), head);
      assertEquals(await socket.readTextToEnd(), "early\n");
    });
  }
});

Deno.test("serve() cancels the body of a 2xx to CONNECT, which has none", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  await withServer((request) => {
    echoLine(onUpgrade(request));
    return new Response(new ReadableStream({ cancel: cancelled.resolve }));
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CONNECT + "early\n");
    await readSwitch(socket);
    await cancelled.promise;
    assertEquals(await socket.readTextToEnd(), "early\n");
  });
});

Deno.test("serve() goes on with HTTP when CONNECT is answered with 403", async () => {
  let upgraded: Promise<Upgraded> | undefined;
  await withServer((request) => {
    if (request.method !== "CONNECT") return new Response("next");
    upgraded = onUpgrade(request);
    return new Response("no", { status: 403 });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CONNECT + GET);
    const { status, body } = await readResponse(socket);
    assertEquals([status, body], [403, "no"]);
    assertEquals((await readResponse(socket)).body, "next");
    assertEquals(await codeOf(upgraded!), "not_upgraded");
  });
});

Deno.test("serve() goes on with HTTP when the handler declines an upgrade, slowly or not", async () => {
  for (const [, delay] of ways) {
    let upgraded: Promise<Upgraded> | undefined;
    await withServer(async (request) => {
      if (request.headers.has("upgrade")) upgraded = onUpgrade(request);
      await delay();
      return new Response("plain");
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE);
      assertEquals((await readResponse(socket)).body, "plain");
      await socket.send(GET);
      assertEquals((await readResponse(socket)).body, "plain");
      assertEquals(await codeOf(upgraded!), "not_upgraded");
    });
  }
});

Deno.test("onUpgrade() rejects with not_upgradable when the message offered nothing", async () => {
  let upgraded: Promise<Upgraded> | undefined;
  const messages = [
    GET,
    // RFC 9110 §7.8: Upgrade counts only if Connection lists it.
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: line\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n",
    // RFC 9110 §7.8: it is ignored in HTTP/1.0.
    "GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: line\r\n\r\n",
  ];
  await withServer((request) => {
    upgraded = onUpgrade(request);
    return new Response("plain");
  }, async ({ port }) => {
    using socket = await connect(port);
    for (const message of messages) {
      await socket.send(message);
      assertEquals((await readResponse(socket)).body, "plain");
      assertEquals(await codeOf(upgraded!), "not_upgradable");
    }
  });
  assertEquals(
    await codeOf(onUpgrade(new Request("http://x/"))),
    "not_upgradable",
  );
  assertEquals(await codeOf(onUpgrade(new Response())), "not_upgradable");
});

Deno.test("onUpgrade() rejects with already_taken when it is called twice", async () => {
  let second: Promise<Upgraded> | undefined;
  await withServer((request) => {
    echoLine(onUpgrade(request));
    second = onUpgrade(request);
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE + "first\n");
    await readSwitch(socket);
    assertEquals(await socket.readTextToEnd(), "first\n");
    assertEquals(await codeOf(second!), "already_taken");
  });
});

Deno.test("onUpgrade() rejects with not_upgraded when it is called after the answer", async () => {
  let kept: Request | undefined;
  await withServer((request) => {
    kept ??= request;
    return new Response("plain");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await readResponse(socket);
    assertEquals(await codeOf(onUpgrade(kept!)), "not_upgraded");
  });
});

Deno.test("onUpgrade() rejects with handler_failed and the cause when the handler throws", async () => {
  const failures = [
    new Error("a bug"),
    new HttpError("forbidden", { status: 403, message: "no" }),
  ];
  for (const failure of failures) {
    let upgraded: Promise<Upgraded> | undefined;
    await withServer((request) => {
      upgraded = onUpgrade(request);
      throw failure;
    }, async ({ port, takeErrors }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE);
      const { status } = await readResponse(socket);
      assertEquals(status, failure instanceof HttpError ? 403 : 500);
      assertEquals(takeErrors().length, failure instanceof HttpError ? 0 : 1);
      const error = await assertRejects(() => upgraded!, UpgradeError);
      assertEquals([error.code, error.cause], ["handler_failed", failure]);
    });
  }
});

Deno.test("onUpgrade() rejects with awaited_too_early when the handler awaits it", async () => {
  await withServer(
    async (request) => {
      await onUpgrade(request);
      return switching();
    },
    async ({ port, takeErrors }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE);
      assertEquals((await readResponse(socket)).status, 500);
      const [error] = takeErrors();
      assertInstanceOf(error, UpgradeError);
      assertEquals(error.code, "awaited_too_early");
    },
    { upgradeTimeout: 50 },
  );
});

Deno.test("serve() answers 500 and keeps the connection when 101 comes after the upgrade was given up", async () => {
  let code: UpgradeErrorCode | undefined;
  await withServer(
    async (request) => {
      if (!request.headers.has("upgrade")) return new Response("next");
      code = await codeOf(onUpgrade(request));
      return switching();
    },
    async ({ port, takeErrors }) => {
      using socket = await connect(port);
      await socket.send(UPGRADE);
      assertEquals((await readResponse(socket)).status, 500);
      assertEquals(code, "awaited_too_early");
      assertInstanceOf(takeErrors()[0], TypeError);
      await socket.send(GET);
      assertEquals((await readResponse(socket)).body, "next");
    },
    { upgradeTimeout: 50 },
  );
});

/** Waits in the handler until the test lets it answer. */
function slowSwitch(): {
  handler: Handler;
  thinking: Promise<{ upgraded: Promise<Upgraded> }>;
  answer: () => void;
} {
  const thinking = Promise.withResolvers<{ upgraded: Promise<Upgraded> }>();
  const mayAnswer = Promise.withResolvers<void>();
  return {
    async handler(request) {
      thinking.resolve({ upgraded: onUpgrade(request) });
      await mayAnswer.promise;
      return switching();
    },
    thinking: thinking.promise,
    answer: mayAnswer.resolve,
  };
}

Deno.test("onUpgrade() rejects with client_gone when the client closes while the handler thinks", async () => {
  const { handler, thinking, answer } = slowSwitch();
  await withServer(handler, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    const { upgraded } = await thinking;
    socket.close();
    assertEquals(await codeOf(upgraded), "client_gone");
    answer();
  });
});

Deno.test("onUpgrade() rejects with client_gone when the client resets while the handler thinks", async () => {
  const { handler, thinking, answer } = slowSwitch();
  await withServer(handler, async ({ port }) => {
    const reset = sendAndReset(port, { data: UPGRADE, moment: thinking });
    const { upgraded } = await thinking;
    await reset;
    const error = await assertRejects(() => upgraded, UpgradeError);
    assertEquals(error.code, "client_gone");
    assertInstanceOf(error.cause, Deno.errors.ConnectionReset);
    answer();
  });
});

Deno.test("onUpgrade() rejects with client_gone when it is called after the client has left", async () => {
  const left = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<UpgradeErrorCode>();
  const thinking = Promise.withResolvers<void>();
  await withServer(async (request) => {
    if (!request.headers.has("upgrade")) return new Response();
    thinking.resolve();
    await left.promise;
    codeOf(onUpgrade(request)).then(outcome.resolve, outcome.reject);
    return switching();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await thinking.promise;
    socket.close();
    // The server has seen it when it has answered to somebody else.
    using other = await connect(port);
    await other.send(GET);
    await readResponse(other);
    left.resolve();
    assertEquals(await outcome.promise, "client_gone");
  });
});

Deno.test("onUpgrade() rejects with shutting_down when the server is cut while the handler thinks", async () => {
  const { handler, thinking, answer } = slowSwitch();
  await withServer(handler, async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    const { upgraded } = await thinking;
    await server.shutdown();
    assertEquals(await codeOf(upgraded), "shutting_down");
    await assertEnds(socket);
    answer();
  }, { shutdownTimeout: 50 });
});

Deno.test("onUpgrade() may fail unseen without ending the process", async () => {
  await withServer((request) => {
    onUpgrade(request);
    onUpgrade(request);
    onUpgrade(new Request("http://x/"));
    return new Response("plain");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    assertEquals((await readResponse(socket)).body, "plain");
    await new Promise((resolve) => setImmediate(resolve));
  });
});

const wrong: [name: string, request: string, handler: Handler][] = [
  ["the client offered none", GET, () => switching()],
  ["onUpgrade() was not called", UPGRADE, () => switching()],
  ["a tunnel was not taken", CONNECT, () => new Response()],
  ["the client did not offer that protocol", UPGRADE, (request) => {
    onUpgrade(request);
    return switching({ upgrade: "other" });
  }],
  ["the client offered one of two", UPGRADE, (request) => {
    onUpgrade(request);
    return switching({ upgrade: "line, other" });
  }],
  ["it names no protocol", UPGRADE, (request) => {
    onUpgrade(request);
    return new Response(null, { status: 101 });
  }],
  ["a field cannot be sent", UPGRADE, (request) => {
    onUpgrade(request);
    return switching({ "x-a": "\x01" });
  }],
];
for (const [name, request, handler] of wrong) {
  Deno.test(`serve() answers 500, reports once and goes on when the handler switches and ${name}`, async () => {
    await withServer(handler, async ({ port, takeErrors }) => {
      using socket = await connect(port);
      for (let i = 0; i < 2; i++) {
        await socket.send(request);
        assertEquals((await readResponse(socket)).status, 500);
        const errors = takeErrors();
        assertInstanceOf(errors[0], TypeError);
        assertEquals(errors.length, 1);
      }
    });
  });
}
