import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
} from "@std/assert";
import { relay } from "../../../handlers/tunnel/relay.ts";
import {
  digestOf,
  patternDigest,
  patternStream,
} from "../../clients/_pattern.ts";
import { textOf } from "../../_raw_socket.ts";
import {
  makePair,
  makeResettingPair,
  piecesFrom,
  reset,
  sendPieces,
} from "./_pairs.ts";

const MIB = 1024 ** 2;
// What the kernel takes for two connections that nobody reads, at most: 4 MiB
// to send and 6 MiB received for each, unless somebody has set Linux otherwise.
const ON_THE_WAY = 24 * MIB;

Deno.test("relay() passes bytes both ways, counts them, and ends when both sides have", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  await client.far.send("hello");
  assertEquals(textOf(await target.far.readExactly(5)), "hello");
  await target.far.send("you too");
  assertEquals(textOf(await client.far.readExactly(7)), "you too");
  await client.far.closeWrite();
  assertEquals(await target.far.readTextToEnd(), "");
  await target.far.closeWrite();
  assertEquals(await client.far.readTextToEnd(), "");
  assertEquals(await relayed, { sent: 5, received: 7, ending: "finished" });
  client.far.close();
  target.far.close();
});

for (const first of ["client", "target"] as const) {
  Deno.test(`relay() passes on what the other says when the ${first} has ended`, async () => {
    const sides = { client: await makePair(), target: await makePair() };
    using ended = sides[first].far;
    using going = sides[first === "client" ? "target" : "client"].far;
    const relayed = relay(sides.client.near, sides.target.near);
    await ended.send("question");
    await ended.closeWrite();
    assertEquals(await going.readTextToEnd(), "question");
    await going.send("ans");
    assertEquals(textOf(await ended.readExactly(3)), "ans");
    await going.send("wer");
    await going.closeWrite();
    assertEquals(await ended.readTextToEnd(), "wer");
    const { ending } = await relayed;
    assertEquals(ending, "finished");
  });
}

Deno.test("relay() keeps every byte when much goes both ways at once", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  const up = 20 * MIB + 1;
  const down = 30 * MIB + 7;
  const [got, back] = await Promise.all([
    digestOf(piecesFrom(target.far)),
    digestOf(piecesFrom(client.far)),
    sendPieces(client.far, patternStream(up)),
    sendPieces(target.far, patternStream(down)),
  ]);
  assertEquals([got, back], [patternDigest(up), patternDigest(down)]);
  assertEquals(await relayed, {
    sent: up,
    received: down,
    ending: "finished",
  });
  client.far.close();
  target.far.close();
});

Deno.test("relay() reads no further while the other side reads nothing", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near, { idleTimeout: 300 });
  let taken = 0;
  const piece = new Uint8Array(MIB);
  const sending = assertRejects(async () => {
    for (;;) taken += await client.far.conn.write(piece);
  });
  // Nothing moves any more only once the sender waits.
  const { sent, ending } = await relayed;
  assertEquals(ending, "idle");
  await sending;
  assertLess(taken, ON_THE_WAY);
  assertLess(sent, taken);
  client.far.close();
  target.far.close();
});

Deno.test("relay() goes on when a slow side reads again", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  const size = 64 * MIB;
  let given = 0;
  const sending = sendPieces(
    client.far,
    patternStream(size).pipeThrough(
      new TransformStream({
        transform(piece, controller) {
          given += piece.length;
          controller.enqueue(piece);
        },
      }),
    ),
  );
  const pieces = piecesFrom(target.far);
  const first = (await pieces.next()).value!.length;
  assertLess(given, size);
  assertEquals(first + (await digestOf(pieces)).length, size);
  await target.far.closeWrite();
  await sending;
  assertEquals((await relayed).sent, size);
  client.far.close();
  target.far.close();
});

for (const lost of ["client", "target"] as const) {
  Deno.test(`relay() closes both when the ${lost} is reset`, async () => {
    const gone = await makeResettingPair();
    const left = await makePair();
    const relayed = lost === "client"
      ? relay(gone.near, left.near)
      : relay(left.near, gone.near);
    gone.far.write("last words");
    assertEquals(textOf(await left.far.readExactly(10)), "last words");
    await reset(gone);
    assertEquals(await left.far.readTextToEnd(), "");
    assertEquals((await relayed).ending, `${lost}_lost`);
    left.far.close();
  });
}

Deno.test("relay() passes on what a target has said before it takes nothing more", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  const refused = "413 ".repeat(5_000);
  await client.far.send("upload");
  await target.far.readExactly(1);
  // Closing with bytes unread makes the next one that comes a reset.
  await target.far.send(refused);
  target.far.close();
  const sending = (async () => {
    const piece = new Uint8Array(MIB);
    for (;;) await client.far.conn.write(piece);
  })();
  const answer = await client.far.readExactly(refused.length);
  assertEquals(textOf(answer), refused);
  await assertRejects(() => sending);
  assert(["target_lost", "client_lost"].includes((await relayed).ending));
  client.far.close();
});

Deno.test("relay() has finished when a side that has closed takes nothing more", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  client.far.close();
  assertEquals(await target.far.readTextToEnd(), "");
  const piece = new Uint8Array(MIB);
  await assertRejects(async () => {
    for (;;) await target.far.conn.write(piece);
  });
  assertEquals((await relayed).ending, "finished");
  target.far.close();
});

Deno.test("relay() closes both when nothing moves, and not while something does", async () => {
  const client = await makePair();
  const target = await makePair();
  // Far above what a busy machine may hold up one round.
  const idleTimeout = 1_000;
  const start = performance.now();
  const relayed = relay(client.near, target.near, { idleTimeout });
  let last = start;
  while (last - start < 1.5 * idleTimeout) {
    await target.far.send("x");
    await client.far.readExactly(1);
    last = performance.now();
  }
  assertEquals((await relayed).ending, "idle");
  assertGreaterOrEqual(performance.now() - last, idleTimeout - 10);
  assertEquals(await client.far.readTextToEnd(), "");
  assertEquals(await target.far.readTextToEnd(), "");
  client.far.close();
  target.far.close();
});

Deno.test("relay() closes both when one has ended and the other is idle", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near, { idleTimeout: 100 });
  await client.far.closeWrite();
  assertEquals(await target.far.readTextToEnd(), "");
  assertEquals((await relayed).ending, "idle");
  client.far.close();
  target.far.close();
});

for (const side of ["client", "target"] as const) {
  Deno.test(`relay() closes both when this side closes the ${side}'s connection`, async () => {
    const sides = { client: await makePair(), target: await makePair() };
    const relayed = relay(sides.client.near, sides.target.near);
    sides[side].near.close();
    assertEquals(await sides.client.far.readTextToEnd(), "");
    assertEquals(await sides.target.far.readTextToEnd(), "");
    assertEquals((await relayed).ending, "closed");
    sides.client.far.close();
    sides.target.far.close();
  });
}

Deno.test("relay() has been closed when this side closes what has ended but still takes bytes", async () => {
  const client = await makePair();
  const target = await makePair();
  const relayed = relay(client.near, target.near);
  await client.far.closeWrite();
  assertEquals(await target.far.readTextToEnd(), "");
  const piece = new Uint8Array(MIB);
  const sending = assertRejects(async () => {
    for (;;) await target.far.conn.write(piece);
  });
  await client.far.readExactly(1);
  client.near.close();
  assertEquals((await relayed).ending, "closed");
  await sending;
  client.far.close();
  target.far.close();
});
