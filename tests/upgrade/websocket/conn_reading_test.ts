import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { WebSocketMessage } from "../../../upgrade/websocket/mod.ts";
import { binaryOf, clientFrame, closing, concat, pattern } from "./_frames.ts";
import { pair, type Peer } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

/** Answers a Close frame that the socket has sent, and checks its code. */
async function answerClose(peer: Peer, code: number): Promise<void> {
  const [opcode, payload] = await peer.read();
  assertEquals([opcode, payload.slice(0, 2)], [
    CLOSE,
    binaryOf(closing(code)),
  ]);
  await peer.send(CLOSE, closing(code));
}

/** Sends a ping and reads its answer: what was sent before has been parsed. */
async function pingPong(peer: Peer): Promise<void> {
  await peer.send(PING, "?");
  assertEquals(await peer.read(), [PONG, "?"]);
}

Deno.test("forEach() calls with every message in order and resolves at the end", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const seen: [boolean, string][] = [];
  const done = socket.forEach(({ isText, bytes }) => {
    seen.push([isText, binaryOf(bytes)]);
  });
  await peer.raw.send(concat(
    peer.frame(TEXT, "one"),
    peer.frame(BINARY, "two"),
    peer.frame(TEXT, ""),
    peer.frame(CLOSE, closing(3000, "bye")),
  ));
  const info = await done;
  assertEquals(info, { code: 3000, reason: "bye", wasClean: true });
  assertEquals(seen, [[true, "one"], [false, "two"], [true, ""]]);
});

Deno.test("forEach() holds a message's bytes and the next call until the promise has settled", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const calls: {
    message: WebSocketMessage;
    gate: PromiseWithResolvers<void>;
  }[] = [];
  let called = Promise.withResolvers<void>();
  const done = socket.forEach((message) => {
    const gate = Promise.withResolvers<void>();
    calls.push({ message, gate });
    called.resolve();
    return gate.promise;
  });
  const payloads = [pattern(10), pattern(9000), pattern(100)];
  await peer.raw.send(concat(
    ...payloads.map((payload) => peer.frame(BINARY, payload)),
    peer.frame(CLOSE),
  ));
  for (const [i, payload] of payloads.entries()) {
    await called.promise;
    called = Promise.withResolvers();
    // Others use buffers meanwhile.
    await using other = await pair({
      early: peer.frame(BINARY, pattern(9000)),
    });
    other.socket.forEach(() => {});
    other.socket.send(new Uint8Array(9000));
    await other.peer.skim(9000);
    assertEquals(calls.length, i + 1);
    assertEquals(calls[i]!.message.bytes, payload);
    calls[i]!.gate.resolve();
  }
  await done;
});

for (const how of ["throws", "rejects"] as const) {
  Deno.test(`forEach() closes with 1011, reports once and rejects when the callback ${how}`, async () => {
    const reported: unknown[] = [];
    await using connected = await pair({
      onError: (error) => reported.push(error),
    });
    const { socket, peer } = connected;
    const error = new Error("of the callback");
    let calls = 0;
    const done = socket.forEach(() => {
      calls++;
      if (how === "rejects") return Promise.reject(error);
      throw error;
    });
    await peer.raw.send(concat(peer.frame(TEXT, "a"), peer.frame(TEXT, "b")));
    await answerClose(peer, 1011);
    assertEquals(await assertRejects(() => done), error);
    assertEquals(await socket.closed, {
      code: 1011,
      reason: "",
      wasClean: true,
      error,
    });
    assertEquals(reported, [error]);
    assertEquals(calls, 1);
  });
}

Deno.test("forEach() closes with 1011 when the report of the error throws too", async () => {
  await using connected = await pair({
    onError() {
      throw new Error("of the report");
    },
  });
  const { socket, peer } = connected;
  socket.forEach(() => Promise.reject(new Error("of the callback")));
  await peer.send(TEXT, "a");
  const [opcode, payload] = await peer.read();
  assertEquals([opcode, payload], [CLOSE, binaryOf(closing(1011))]);
  await peer.send(CLOSE, closing(1011));
  await socket.closed;
});

Deno.test("forEach() is not called any more when close() was", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const seen: string[] = [];
  const done = socket.forEach((message) => {
    seen.push(message.text());
    socket.close(1000);
  });
  await peer.raw.send(concat(peer.frame(TEXT, "a"), peer.frame(TEXT, "b")));
  await peer.send(TEXT, "c");
  await answerClose(peer, 1000);
  await done;
  assertEquals(seen, ["a"]);
});

Deno.test("forEach() and iteration throw a TypeError when messages are being read", async () => {
  for (const first of ["forEach", "iteration"] as const) {
    await using connected = await pair();
    const { socket, peer } = connected;
    if (first === "forEach") {
      socket.forEach(() => {});
      assertThrows(() => socket[Symbol.asyncIterator](), TypeError);
    } else socket[Symbol.asyncIterator]();
    assertThrows(() => socket.forEach(() => {}), TypeError);
    await peer.send(CLOSE);
    await socket.closed;
  }
});

Deno.test("closed resolves after the close timeout when a callback never settles", async () => {
  await using connected = await pair({ closeTimeout: 50 });
  const { socket, peer } = connected;
  const called = Promise.withResolvers<void>();
  const done = socket.forEach(() => {
    called.resolve();
    return new Promise<void>(() => {});
  });
  await peer.send(TEXT, "a");
  await called.promise;
  socket.close(1000);
  await peer.send(CLOSE, closing(1000));
  const info = await done;
  assertEquals(info, { code: 1006, reason: "", wasClean: false });
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
});

Deno.test("close() ends the handshake when the pending callback has settled", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const gate = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  socket.forEach(() => {
    called.resolve();
    return gate.promise;
  });
  await peer.send(TEXT, "a");
  await called.promise;
  socket.close(1000);
  await answerClose(peer, 1000);
  gate.resolve();
  assertEquals((await socket.closed).wasClean, true);
});

Deno.test("iteration gives text as strings and binary as bytes of their own", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.raw.send(concat(
    peer.frame(TEXT, "Grüße"),
    peer.frame(BINARY, pattern(2000)),
    peer.frame(BINARY, pattern(5)),
    peer.frame(CLOSE),
  ));
  assertEquals(await Array.fromAsync(socket), [
    "Grüße",
    pattern(2000),
    pattern(5),
  ]);
});

Deno.test("iteration ends after the last message when the peer leaves without a Close", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.send(TEXT, "last");
  await peer.raw.closeWrite();
  assertEquals(await Array.fromAsync(socket), ["last"]);
  assertEquals(await socket.closed, {
    code: 1006,
    reason: "",
    wasClean: false,
  });
});

Deno.test("iteration gives what came before when the peer breaks a rule", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.raw.send(concat(peer.frame(TEXT, "fine"), peer.frame(3)));
  assertEquals(await Array.fromAsync(socket), ["fine"]);
  assertEquals((await socket.closed).code, 1002);
});

Deno.test("iteration can go on when a loop was left", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.raw.send(
    concat(...["a", "b", "c"].map((text) => peer.frame(TEXT, text))),
  );
  const seen = [];
  for await (const message of socket) {
    seen.push(message);
    break;
  }
  await peer.send(CLOSE);
  for await (const message of socket) seen.push(message);
  assertEquals(seen, ["a", "b", "c"]);
  for await (const _ of socket) throw new Error("It is over");
});

Deno.test("iteration begins and ends at once when the connection is over", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.send(CLOSE);
  await socket.closed;
  assertEquals(await Array.fromAsync(socket), []);
});

Deno.test("pings are answered when a slow loop has not taken a message yet", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const iterator = socket[Symbol.asyncIterator]();
  await peer.send(TEXT, "waiting");
  await pingPong(peer);
  assertEquals((await iterator.next()).value, "waiting");
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("messages wait when nobody reads them yet", async () => {
  for (const how of ["forEach", "iteration"] as const) {
    await using connected = await pair();
    const { socket, peer } = connected;
    await pingPong(peer);
    await peer.raw.send(concat(
      peer.frame(TEXT, "first"),
      peer.frame(TEXT, "second"),
      peer.frame(CLOSE, closing(1000)),
    ));
    socket.send("something else");
    assertEquals(await peer.read(), [TEXT, "something else"]);
    const seen: unknown[] = [];
    if (how === "forEach") {
      await socket.forEach((message) => void seen.push(message.text()));
    } else seen.push(...await Array.fromAsync(socket));
    assertEquals(seen, ["first", "second"]);
    assertEquals((await socket.closed).code, 1000);
  }
});

Deno.test("close() ends the handshake when nobody reads messages", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await pingPong(peer);
  await peer.send(TEXT, "unread");
  socket.send("parked");
  await peer.read();
  socket.close(1000);
  await answerClose(peer, 1000);
  assertEquals(await socket.closed, {
    code: 1000,
    reason: "",
    wasClean: true,
  });
});

Deno.test("close() ends the handshake when a loop was left with messages waiting", async () => {
  // Far more than is read ahead: reading rests until there is room.
  const messages = Array.from({ length: 5000 }, () => clientFrame(BINARY));
  await using connected = await pair({ early: concat(...messages) });
  const { socket, peer } = connected;
  for await (const message of socket) {
    assertEquals(message.length, 0);
    break;
  }
  // These bytes are there: after some turns of the event loop it rests.
  await using other = await pair();
  await pingPong(other.peer);
  socket.close(1000);
  await answerClose(peer, 1000);
  assertEquals(await socket.closed, {
    code: 1000,
    reason: "",
    wasClean: true,
  });
  const rest = await Array.fromAsync(socket);
  assert(rest.length > 100 && rest.length < 2000, `${rest.length}`);
});
