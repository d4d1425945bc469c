import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { serve } from "../../../upgrade/mod.ts";
import {
  toWebSocket,
  upgradeWebSocket,
  WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import {
  binaryOf,
  bytesOf,
  clientFrame,
  closing,
  concat,
  pattern,
} from "./_frames.ts";
import { pair, type PairOptions, type Peer, upgradedPair } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

/** Resolves to the next event of a type. */
function next<Type extends keyof WebSocketEventMap>(
  webSocket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> {
  return new Promise((resolve) => {
    webSocket.addEventListener(type, resolve, { once: true });
  });
}

/** Notes all events of a socket, and the state in which they came. */
function note(webSocket: WebSocket): string[] {
  const seen: string[] = [];
  for (const type of ["open", "message", "error", "close"]) {
    webSocket.addEventListener(type, () => {
      seen.push(`${type} ${webSocket.readyState}`);
    });
  }
  return seen;
}

/** A socket with the interface of a browser's, open, and its peer. */
async function openPair(options: PairOptions = {}) {
  const connected = await pair(options);
  const webSocket = toWebSocket(connected.socket);
  await next(webSocket, "open");
  return {
    webSocket,
    socket: connected.socket,
    peer: connected.peer,
    [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose](),
  };
}

/** Ends a connection from the peer's side, and waits for the last event. */
async function end(webSocket: WebSocket, peer: Peer): Promise<void> {
  const closed = next(webSocket, "close");
  await peer.send(CLOSE);
  await closed;
}

Deno.test("toWebSocket() opens in a later turn, and then gives what came before", async () => {
  await using connected = await pair({
    early: concat(clientFrame(TEXT, "first"), clientFrame(TEXT, "second")),
  });
  const { socket, peer } = connected;
  await socket.opened;
  const webSocket = toWebSocket(socket);
  assertEquals(webSocket.readyState, WebSocket.CONNECTING);
  assertThrows(() => webSocket.send("early"), DOMException, "Cannot send");
  // Who got it by way of promises is not too late.
  for (let i = 0; i < 10; i++) await Promise.resolve();
  const seen = note(webSocket);
  await next(webSocket, "message");
  await next(webSocket, "message");
  await end(webSocket, peer);
  assertEquals(seen, ["open 1", "message 1", "message 1", "close 3"]);
});

Deno.test("toWebSocket() gives all events in their order when all comes at once", async () => {
  await using connected = await pair({
    early: concat(
      clientFrame(TEXT, "hello"),
      clientFrame(CLOSE, closing(1000)),
    ),
  });
  const webSocket = toWebSocket(connected.socket);
  const seen = note(webSocket);
  await next(webSocket, "close");
  assertEquals(seen, ["open 1", "message 1", "close 3"]);
});

Deno.test("toWebSocket() opens before it closes when the peer leaves at once", async () => {
  await using connected = await pair({
    early: clientFrame(CLOSE, closing(1000)),
  });
  const webSocket = toWebSocket(connected.socket);
  const seen = note(webSocket);
  await next(webSocket, "close");
  assertEquals(seen.map((event) => event.split(" ")[0]), ["open", "close"]);
});

Deno.test("toWebSocket() gives no message that came before when its open listener closes", async () => {
  await using connected = await pair({ early: clientFrame(TEXT, "early") });
  const webSocket = toWebSocket(connected.socket);
  const seen = note(webSocket);
  webSocket.onopen = () => webSocket.close();
  const { peer } = connected;
  assertEquals(await peer.read(), [CLOSE, ""]);
  await end(webSocket, peer);
  assertEquals(seen, ["open 1", "close 3"]);
});

Deno.test("toWebSocket() tells what the socket tells", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const socket = new WebSocketConn(upgraded, {
    role: "server",
    url: "ws://chat.example:81/room?one",
    protocol: "v1",
    extensions: "permessage-deflate",
  });
  const webSocket = toWebSocket(socket);
  assertEquals(webSocket.url, "ws://chat.example:81/room?one");
  assertEquals(webSocket.protocol, "v1");
  assertEquals(webSocket.extensions, "permessage-deflate");
  const { CONNECTING, OPEN, CLOSING, CLOSED } = webSocket;
  assertEquals([CONNECTING, OPEN, CLOSING, CLOSED], [0, 1, 2, 3]);
  await next(webSocket, "open");
  const message = next(webSocket, "message");
  await peer.send(TEXT, "hello");
  assertEquals((await message).origin, "ws://chat.example:81");
  await end(webSocket, peer);
});

Deno.test("toWebSocket() gives text as strings and binary as its type says", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  assertEquals(webSocket.binaryType, "blob");
  webSocket.binaryType = "nodebuffer" as BinaryType;
  assertEquals(webSocket.binaryType, "blob");
  const data: unknown[] = [];
  webSocket.onmessage = (event) => {
    data.push(event.data);
    if (data.length === 2) webSocket.binaryType = "arraybuffer";
  };
  await peer.raw.send(concat(
    peer.frame(TEXT, "Grüße"),
    peer.frame(BINARY, pattern(300)),
    peer.frame(BINARY, pattern(5)),
    peer.frame(BINARY),
  ));
  await end(webSocket, peer);
  const [text, blob, buffer, empty] = data;
  assertEquals(text, "Grüße");
  assertInstanceOf(blob, Blob);
  assertEquals(await blob.bytes(), pattern(300));
  assertInstanceOf(buffer, ArrayBuffer);
  assertEquals(new Uint8Array(buffer), pattern(5));
  assertEquals(empty, new ArrayBuffer(0));
});

Deno.test("toWebSocket() lets who listens await between two messages", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
  await peer.raw.send(concat(...texts.map((text) => peer.frame(TEXT, text))));
  const seen: string[] = [];
  while (seen.length < texts.length) {
    seen.push((await next(webSocket, "message")).data);
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
  assertEquals(seen, texts);
  await end(webSocket, peer);
});

Deno.test("send() sends whatever a browser sends, in order", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  const bytes = bytesOf("-bytes-");
  webSocket.send(new Blob(["blob"]));
  webSocket.send("text");
  webSocket.send(bytes.buffer);
  webSocket.send(bytes.subarray(1, 6));
  webSocket.send(new DataView(bytes.buffer, 1, 2));
  webSocket.send(5 as unknown as string);
  webSocket.send({ toString: () => "object" } as string);
  bytes.fill(0);
  const seen = [];
  for (let i = 0; i < 7; i++) seen.push(await peer.read());
  assertEquals(seen, [
    [BINARY, "blob"],
    [TEXT, "text"],
    [BINARY, "-bytes-"],
    [BINARY, "bytes"],
    [BINARY, "by"],
    [TEXT, "5"],
    [TEXT, "object"],
  ]);
  await end(webSocket, peer);
});

Deno.test("bufferedAmount counts the payload that waits, and what was dropped", async () => {
  await using opened = await openPair();
  const { webSocket, socket, peer } = opened;
  assertEquals(webSocket.bufferedAmount, 0);
  webSocket.send("Grüße");
  webSocket.send(new Uint8Array(1000));
  webSocket.send(new Blob(["blob"]));
  assertEquals(webSocket.bufferedAmount, 7 + 1000 + 4);
  for (let i = 0; i < 3; i++) await peer.readFrame();
  assertEquals(webSocket.bufferedAmount, 0);
  const sent = socket.send(new Uint8Array(MUCH));
  webSocket.send("x".repeat(100));
  // What the socket has sent by itself is not of this.
  assertEquals(webSocket.bufferedAmount, 100);
  await peer.skim(MUCH + 10 + 102);
  await sent;
  assertEquals(webSocket.bufferedAmount, 0);
  webSocket.close();
  webSocket.send("late");
  assertEquals(webSocket.bufferedAmount, 4);
  await end(webSocket, peer);
  webSocket.send(new Uint8Array(10));
  assertEquals(webSocket.bufferedAmount, 14);
});

const GOODBYES: [
  given: [code?: number | undefined, reason?: string],
  payload: Uint8Array,
][] = [
  [[], new Uint8Array(0)],
  [[undefined, ""], new Uint8Array(0)],
  [[1000], closing(1000)],
  [[1000.4], closing(1000)],
  [[3000, "é".repeat(61)], closing(3000, "é".repeat(61))],
  [[4999, "bye"], closing(4999, "bye")],
  [[undefined, "a reason has a code"], closing(1000, "a reason has a code")],
];

for (const [given, payload] of GOODBYES) {
  Deno.test(`close() sends a Close frame when it is given ${JSON.stringify(given)}`, async () => {
    await using opened = await openPair();
    const { webSocket, peer } = opened;
    webSocket.send(new Blob(["sent before"]));
    webSocket.close(...given);
    assertEquals(webSocket.readyState, WebSocket.CLOSING);
    assertEquals(await peer.read(), [BINARY, "sent before"]);
    assertEquals(await peer.read(), [CLOSE, binaryOf(payload)]);
    const closed = next(webSocket, "close");
    await peer.send(CLOSE, closing(4321, "theirs"));
    const { code, reason, wasClean } = await closed;
    assertEquals([code, reason, wasClean], [4321, "theirs", true]);
    webSocket.close(1000);
    assertEquals(webSocket.readyState, WebSocket.CLOSED);
  });
}

Deno.test("close() throws what a browser throws, and stays open", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  const wrong: [number | undefined, string, string][] = [
    [0, "", "InvalidAccessError"],
    [1001, "", "InvalidAccessError"],
    [1005, "", "InvalidAccessError"],
    [1011, "", "InvalidAccessError"],
    [2999, "", "InvalidAccessError"],
    [5000, "", "InvalidAccessError"],
    [70_000, "", "InvalidAccessError"],
    [NaN, "", "InvalidAccessError"],
    [1000, "é".repeat(62), "SyntaxError"],
    [undefined, "x".repeat(124), "SyntaxError"],
  ];
  for (const [code, reason, name] of wrong) {
    const error = assertThrows(
      () => webSocket.close(code, reason),
      DOMException,
    );
    assertEquals(error.name, name);
  }
  webSocket.send("still open");
  assertEquals(await peer.read(), [TEXT, "still open"]);
  await end(webSocket, peer);
});

Deno.test("close() fails a socket that is not open yet", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(opening.promise, {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  const webSocket = toWebSocket(socket);
  const seen = note(webSocket);
  webSocket.close(1000);
  assertEquals(webSocket.readyState, WebSocket.CLOSING);
  opening.resolve(upgraded);
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
  const closed = next(webSocket, "close");
  await peer.send(CLOSE, closing(1000));
  const { code, wasClean } = await closed;
  assertEquals([code, wasClean], [1006, false]);
  assertEquals(seen, ["error 3", "close 3"]);
});

Deno.test("toWebSocket() gives no message after close()", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  const seen = note(webSocket);
  webSocket.onmessage = () => webSocket.close(1000);
  await peer.raw.send(concat(peer.frame(TEXT, "a"), peer.frame(TEXT, "b")));
  assertEquals((await peer.read())[0], CLOSE);
  await peer.raw.send(peer.frame(TEXT, "c"));
  await end(webSocket, peer);
  assertEquals(seen, ["message 1", "close 3"]);
});

Deno.test("toWebSocket() gives error before close when the connection is lost", async () => {
  const ways: [(peer: Peer) => Promise<void>, number, string][] = [
    [(peer) => peer.raw.closeWrite(), 1006, ""],
    [(peer) => peer.send(3), 1006, "The opcode is reserved"],
  ];
  for (const [lose, expected, message] of ways) {
    await using opened = await openPair();
    const { webSocket, peer } = opened;
    const seen = note(webSocket);
    const failed = next(webSocket, "error");
    const closed = next(webSocket, "close");
    await lose(peer);
    const error = await failed;
    assertInstanceOf(error, ErrorEvent);
    assertEquals(error.message, message);
    const { code, reason, wasClean } = await closed;
    assertEquals([code, reason, wasClean], [expected, "", false]);
    assertEquals(seen, ["error 3", "close 3"]);
  }
});

Deno.test("toWebSocket() gives error and close when the handshake fails", async () => {
  const error = new Error("no upgrade");
  const socket = new WebSocketConn(Promise.reject(error), {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  const webSocket = toWebSocket(socket);
  const seen = note(webSocket);
  const failed = next(webSocket, "error");
  const { code, wasClean } = await next(webSocket, "close");
  assertEquals([code, wasClean], [1006, false]);
  assertStrictEquals((await failed as ErrorEvent).error, error);
  assertEquals(seen, ["error 3", "close 3"]);
});

Deno.test("toWebSocket() calls handlers and listeners in the order in which they were set", async () => {
  await using opened = await openPair();
  const { webSocket, peer } = opened;
  const calls: string[] = [];
  webSocket.onmessage = () => calls.push("replaced");
  webSocket.addEventListener("message", {
    handleEvent: () => calls.push("listener"),
  });
  const handler = function (this: WebSocket, event: MessageEvent) {
    assertStrictEquals(this, webSocket);
    assertStrictEquals(event.target, webSocket);
    calls.push(`handler of ${event.data}`);
  };
  webSocket.onmessage = handler;
  assertStrictEquals(webSocket.onmessage, handler);
  webSocket.onclose = () => calls.push("onclose");
  webSocket.onerror = () => calls.push("onerror");
  webSocket.onopen = () => calls.push("onopen");
  webSocket.onopen = null;
  assertStrictEquals(webSocket.onopen, null);
  await peer.send(TEXT, "a");
  await end(webSocket, peer);
  assertEquals(calls, ["handler of a", "listener", "onclose"]);
});

Deno.test("toWebSocket() throws a TypeError when the messages are being read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.forEach(() => {});
  assertThrows(() => toWebSocket(socket), TypeError, "Cannot read messages");
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("toWebSocket() goes through what a WebSocket goes through when they talk to each other", async () => {
  const ends: string[][] = [];
  const talk = (webSocket: WebSocket, first: boolean) => {
    const seen: string[] = [];
    ends.push(seen);
    webSocket.binaryType = "arraybuffer";
    const done = Promise.withResolvers<void>();
    webSocket.onopen = () => {
      seen.push(`open ${webSocket.readyState}`);
      if (first) webSocket.send("1");
    };
    webSocket.onmessage = ({ data }) => {
      seen.push(typeof data === "string" ? "text" : `${data.byteLength} bytes`);
      if (typeof data !== "string") {
        if (data.byteLength === 1000) webSocket.close(4000, "enough");
        else webSocket.send(new Uint8Array(1000));
      } else if (data === "1") webSocket.send("2");
      else webSocket.send(new Blob([new Uint8Array(100)]));
      seen.push(`${webSocket.readyState}`);
    };
    webSocket.onerror = () => seen.push("error");
    webSocket.onclose = ({ code, reason, wasClean }) => {
      seen.push(`close ${webSocket.readyState} ${code} ${reason} ${wasClean}`);
      done.resolve();
    };
    return done.promise;
  };
  const accepted = Promise.withResolvers<void>();
  await using server = serve({ port: 0 }, (request) => {
    const { socket, response } = upgradeWebSocket(request);
    accepted.resolve(talk(toWebSocket(socket), false));
    return response;
  });
  const { port } = server.addr as Deno.NetAddr;
  await talk(new WebSocket(`ws://127.0.0.1:${port}/`), true);
  await accepted.promise;
  assertEquals(ends.toSorted((a, b) => b[3]!.length - a[3]!.length), [
    // The peer's answer has the code only.
    ["open 1", "text", "1", "1000 bytes", "2", "close 3 4000  true"],
    ["open 1", "text", "1", "100 bytes", "1", "close 3 4000 enough true"],
  ]);
});
