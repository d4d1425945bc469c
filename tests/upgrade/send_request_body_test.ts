import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  HttpError,
  HttpResponseError,
  sendRequest,
  type SendRequestOptions,
} from "../../upgrade/mod.ts";
import type { RawSocket } from "../_raw_socket.ts";
import { closed, readHead, withPeer } from "./_peer.ts";

const URL_HERE = "http://a.example/";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const utf8 = new TextEncoder();

/** Sends a POST. */
function post(
  conn: Deno.Conn,
  body: BodyInit | null,
  { headers, ...options }: SendRequestOptions & { headers?: HeadersInit } = {},
): Promise<Response> {
  const init: RequestInit = { method: "POST", body };
  if (headers !== undefined) init.headers = headers;
  return sendRequest(conn, new Request(URL_HERE, init), options);
}

/** Sends a POST, and fails unless the answer is 200 with "ok". */
async function assertPosted(
  conn: Deno.Conn,
  body: BodyInit | null,
  headers: HeadersInit = {},
): Promise<void> {
  const response = await post(conn, body, { headers });
  assertEquals([response.status, await response.text()], [200, "ok"]);
}

/** A body that is made when it is asked for, and what becomes of it. */
class Source {
  readonly #cancelled = Promise.withResolvers<unknown>();
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** How often a piece was asked for. */
  pulls = 0;
  /** The body. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves to the reason when nobody wants the body any more. */
  readonly cancelled: Promise<unknown> = this.#cancelled.promise;

  /** Makes a body of what `pull` gives, or of what is pushed. */
  constructor(pull?: () => Uint8Array<ArrayBuffer>) {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: (controller) => {
        this.pulls++;
        if (pull !== undefined) controller.enqueue(pull());
      },
      cancel: (reason) => this.#cancelled.resolve(reason),
    }, { highWaterMark: 0 });
  }

  push(text: string): void {
    this.#controller.enqueue(utf8.encode(text));
  }

  end(): void {
    this.#controller.close();
  }

  fail(error: Error): void {
    this.#controller.error(error);
  }
}

/** Reads the head of a POST, and gives its field lines besides Host. */
async function readFields(peer: RawSocket): Promise<string[]> {
  const [line, host, ...fields] = (await readHead(peer)).slice(0, -4)
    .split("\r\n");
  assertEquals([line, host], ["POST / HTTP/1.1", "Host: a.example"]);
  return fields.filter((field) => !field.startsWith("content-type:"));
}

const pieces: [name: string, body: () => BodyInit | null, text: string][] = [
  ["there is none", () => null, ""],
  ["it is an empty string", () => "", ""],
  ["it is a string", () => "h\u{e9}llo", "h\xc3\xa9llo"],
  ["it is bytes", () => utf8.encode("hello"), "hello"],
  ["it is a form", () => new URLSearchParams({ a: "b c" }), "a=b+c"],
  [
    "it is larger than one write",
    () => "a".repeat(300_000),
    "a".repeat(300_000),
  ],
];
for (const [name, body, text] of pieces) {
  Deno.test(`sendRequest() writes a body with Content-Length when ${name}`, async () => {
    await withPeer(async (peer) => {
      for (let i = 0; i < 2; i++) {
        assertEquals(await readFields(peer), [
          `Content-Length: ${text.length}`,
        ]);
        const bytes = await peer.readExactly(text.length);
        assertEquals(new TextDecoder("latin1").decode(bytes), text);
        await peer.send(OK);
      }
    }, async (conn) => {
      await assertPosted(conn, body());
      await assertPosted(conn, body());
    });
  });
}

Deno.test("sendRequest() writes a stream in chunks as it comes", async () => {
  const source = new Source();
  await withPeer(async (peer) => {
    assertEquals(await readFields(peer), ["Transfer-Encoding: chunked"]);
    source.push("hello");
    assertEquals(await peer.readUntil("hello\r\n"), "5\r\nhello\r\n");
    // An empty piece would end the body as an empty chunk.
    source.push("");
    source.push("x".repeat(17));
    assertEquals(await peer.readUntil("x\r\n"), `11\r\n${"x".repeat(17)}\r\n`);
    source.end();
    assertEquals(await peer.readUntil("\r\n\r\n"), "0\r\n\r\n");
    await peer.send(OK);
    await readFields(peer);
    await peer.send(OK);
  }, async (conn) => {
    await assertPosted(conn, source.stream);
    await assertPosted(conn, null);
  });
});

Deno.test("sendRequest() writes a stream with the Content-Length that the request has", async () => {
  const source = new Source();
  await withPeer(async (peer) => {
    assertEquals(await readFields(peer), ["Content-Length: 10"]);
    source.push("hello");
    assertEquals(await peer.readUntil("hello"), "hello");
    source.push("world");
    source.end();
    assertEquals(await peer.readUntil("world"), "world");
    await peer.send(OK);
    await readFields(peer);
    await peer.send(OK);
  }, async (conn) => {
    await assertPosted(conn, source.stream, { "content-length": "10" });
    await assertPosted(conn, null);
  });
});

const lengths: [name: string, body: () => BodyInit, length: number][] = [
  ["longer", () => "hello", 4],
  ["shorter", () => "hello", 6],
  [
    "longer",
    () => ReadableStream.from([utf8.encode("he"), utf8.encode("llo")]),
    4,
  ],
  [
    "shorter",
    () => ReadableStream.from([utf8.encode("he"), utf8.encode("llo")]),
    6,
  ],
];
for (const [name, body, length] of lengths) {
  Deno.test(`sendRequest() rejects and closes when the body is ${name} than the Content-Length of ${length}`, async () => {
    await withPeer(async (peer) => {
      const bytes = await peer.readToEnd();
      const [, content = ""] = new TextDecoder().decode(bytes).split(
        "\r\n\r\n",
      );
      assert(content.length <= length);
    }, async (conn) => {
      const headers = { "content-length": `${length}` };
      await assertRejects(
        () => post(conn, body(), { headers }),
        TypeError,
        `The body is ${name} than its Content-Length`,
      );
    });
  });
}

Deno.test("sendRequest() rejects with the error of the body, and closes, before the answer", async () => {
  const failure = new HttpError("incomplete_body");
  const source = new Source();
  await withPeer(async (peer) => {
    await readHead(peer);
    source.push("a");
    await peer.readUntil("a\r\n");
    source.fail(failure);
    assertEquals((await peer.readToEnd()).length, 0);
  }, async (conn) => {
    const error = await assertRejects(() => post(conn, source.stream));
    assertStrictEquals(error, failure);
  });
});

Deno.test("sendRequest() rejects when a piece of the body is no bytes", async () => {
  await withPeer(closed, async (conn) => {
    const body = ReadableStream.from(["text"]) as ReadableStream;
    await assertRejects(() => post(conn, body), TypeError, "no bytes");
  });
});

Deno.test("sendRequest() errors the response's body with the error of the request's, and closes", async () => {
  const failure = new Error("mine");
  const source = new Source();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    );
    await closed(peer);
  }, async (conn) => {
    const reader = (await post(conn, source.stream)).body!.getReader();
    assertEquals((await reader.read()).value, utf8.encode("a"));
    source.fail(failure);
    assertStrictEquals(await assertRejects(() => reader.read()), failure);
  });
});

Deno.test("sendRequest() asks for no more of the body than the server takes", async () => {
  const source = new Source(() => new Uint8Array(1 << 16));
  const isRead = Promise.withResolvers<void>();
  await withPeer(async (peer) => {
    await readHead(peer);
    // Once so many pulls in a row change nothing, the write is waiting.
    for (let last = -1; last !== source.pulls;) {
      last = source.pulls;
      for (let i = 0; i < 100; i++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    assertLess(source.pulls, 1000);
    const before = source.pulls;
    for (let i = 0; i < 16; i++) await peer.readExactly(1 << 20);
    assert(source.pulls > before);
    isRead.resolve();
  }, async (conn) => {
    const controller = new AbortController();
    const { signal } = controller;
    const init = { method: "POST", body: source.stream, signal };
    const sent = sendRequest(conn, new Request(URL_HERE, init));
    await isRead.promise;
    controller.abort();
    await assertRejects(() => sent, DOMException);
    assertStrictEquals(await source.cancelled, signal.reason);
  });
});

for (const status of [302, 410, 500]) {
  Deno.test(`sendRequest() stops the body when ${status} comes before its end, and closes after that`, async () => {
    const source = new Source();
    await withPeer(async (peer) => {
      await readHead(peer);
      source.push("a");
      await peer.readUntil("1\r\na\r\n");
      await peer.send(`HTTP/1.1 ${status} \r\nContent-Length: 2\r\n\r\nno`);
      assertEquals((await peer.readToEnd()).length, 0);
    }, async (conn) => {
      const response = await post(conn, source.stream);
      assertEquals([response.status, await response.text()], [status, "no"]);
      assert(await source.cancelled instanceof Deno.errors.Interrupted);
      const next = () => post(conn, null);
      const error = await assertRejects(next, HttpResponseError);
      assertEquals(error.code, "connection_over");
    });
  });
}

Deno.test("sendRequest() gives the answer, and closes after it, when the server takes nothing of the body", async () => {
  const source = new Source(() => new Uint8Array(1 << 16));
  const isClosed = Promise.withResolvers<void>();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 410 \r\nContent-Length: 2\r\n\r\nno");
    await isClosed.promise;
  }, async (conn) => {
    const response = await post(conn, source.stream);
    assertEquals([response.status, await response.text()], [410, "no"]);
    await source.cancelled;
    await assertRejects(
      () => conn.read(new Uint8Array(1)),
      Deno.errors.BadResource,
    );
    isClosed.resolve();
  });
});

Deno.test("sendRequest() goes on with the body when a success comes before its end", async () => {
  const source = new Source();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const text of ["one", "two"]) {
      await peer.readUntil(`${text}\r\n`);
      await peer.send(`3\r\n${text}\r\n`);
    }
    await peer.readUntil("0\r\n\r\n");
    await peer.send("0\r\n\r\n");
    await readFields(peer);
    await peer.send(OK);
  }, async (conn) => {
    const reader = (await post(conn, source.stream)).body!.getReader();
    for (const text of ["one", "two"]) {
      source.push(text);
      assertEquals((await reader.read()).value, utf8.encode(text));
    }
    source.end();
    assert((await reader.read()).done);
    await assertPosted(conn, null);
  });
});

Deno.test("sendRequest() keeps the connection in use when the response ends before the request", async () => {
  const source = new Source();
  const sent = Promise.withResolvers<void>();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(OK);
    await peer.readUntil("0\r\n\r\n");
    sent.resolve();
    await readFields(peer);
    await peer.send(OK);
  }, async (conn) => {
    const response = await post(conn, source.stream);
    assertEquals(await response.text(), "ok");
    const error = await assertRejects(
      () => post(conn, null),
      HttpResponseError,
    );
    assertEquals(error.code, "connection_in_use");
    source.push("late");
    source.end();
    await sent.promise;
    await assertPosted(conn, null);
  });
});

const EXPECT = { expect: "100-continue" };

Deno.test("sendRequest() writes a body that expects 100 (Continue) when it has come", async () => {
  const source = new Source();
  await withPeer(async (peer) => {
    assertEquals(await readFields(peer), [
      "expect: 100-continue",
      "Transfer-Encoding: chunked",
    ]);
    assertEquals(source.pulls, 0);
    await peer.send("HTTP/1.1 102 \r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    source.push("hello");
    source.end();
    assertEquals(await peer.readUntil("0\r\n\r\n"), "5\r\nhello\r\n0\r\n\r\n");
    await peer.send(OK);
    await readFields(peer);
    await peer.send(OK);
  }, async (conn) => {
    const headers = EXPECT;
    const continueTimeout = Infinity;
    const response = await post(conn, source.stream, {
      headers,
      continueTimeout,
    });
    assertEquals(await response.text(), "ok");
    await assertPosted(conn, null);
  });
});

Deno.test("sendRequest() writes a body that expects 100 (Continue) when nothing comes in time", async () => {
  await withPeer(async (peer) => {
    await readFields(peer);
    assertEquals(await peer.readUntil("hello"), "5\r\nhello");
    await peer.send(OK);
  }, async (conn) => {
    const options = { headers: EXPECT, continueTimeout: 20 };
    assertEquals((await post(conn, "hello", options)).status, 200);
  });
});

for (const status of [200, 417]) {
  Deno.test(`sendRequest() does not write a body that expects 100 (Continue) when ${status} comes, and closes after that`, async () => {
    const source = new Source();
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(`HTTP/1.1 ${status} \r\nContent-Length: 2\r\n\r\nno`);
      assertEquals((await peer.readToEnd()).length, 0);
    }, async (conn) => {
      const continueTimeout = Infinity;
      const options = { headers: EXPECT, continueTimeout };
      const response = await post(conn, source.stream, options);
      assertEquals([response.status, await response.text()], [status, "no"]);
      await source.cancelled;
      assertEquals(source.pulls, 0);
    });
  });
}
