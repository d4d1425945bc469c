import { assert, assertEquals, assertRejects } from "@std/assert";
import { Pings } from "../../../upgrade/websocket/pings.ts";

Deno.test("answer() tells how long the answer took, and latency remembers it", async () => {
  const pings = new Pings();
  assertEquals(pings.latency, undefined);
  const pong = Promise.withResolvers<number>();
  pings.answer(pings.ask(pong));
  const time = await pong.promise;
  assert(time >= 0 && time < 5_000, `${time}`);
  assertEquals(pings.latency, time);
});

Deno.test("answer() answers all before when it is of a later ping", async () => {
  const pings = new Pings();
  const pongs = [1, 2, 3].map(() => Promise.withResolvers<number>());
  const payloads = pongs.map((pong) => pings.ask(pong).slice());
  pings.answer(payloads[1]!);
  await Promise.all([pongs[0]!.promise, pongs[1]!.promise]);
  assertEquals(pings.waiting, 1);
  pings.answer(payloads[2]!);
  await pongs[2]!.promise;
  assertEquals(pings.waiting, 0);
});

Deno.test("answer() ignores what was not asked, was answered, or is of another size", () => {
  const pings = new Pings();
  const first = pings.ask().slice();
  pings.answer(pings.ask());
  const { latency } = pings;
  pings.ask();
  pings.ask();
  const wrong = [
    first,
    Uint8Array.of(0, 0, 0, 2),
    Uint8Array.of(0, 0, 0, 5),
    Uint8Array.of(255, 255, 255, 255),
    new Uint8Array(0),
    Uint8Array.of(0, 0, 0, 3, 0),
  ];
  for (const payload of wrong) pings.answer(payload);
  assertEquals(pings.waiting, 2);
  assertEquals(pings.latency, latency);
});

Deno.test("end() rejects who waits for an answer", async () => {
  const pings = new Pings();
  const pong = Promise.withResolvers<number>();
  pings.ask(pong);
  pings.ask();
  pings.end();
  await assertRejects(() => pong.promise, Error, "Cannot ping");
  assertEquals(pings.waiting, 0);
});
