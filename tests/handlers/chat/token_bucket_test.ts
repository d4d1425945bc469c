import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  TokenBucket,
  TokenBuckets,
} from "../../../handlers/chat/token_bucket.ts";

const rates = fc.record({
  burst: fc.integer({ min: 1, max: 30 }),
  every: fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.double({ min: 0.001, max: 60, noNaN: true }),
  ),
});

/** Steps of a clock in milliseconds, and now and then a long one. */
const steps = fc.array(
  fc.oneof(fc.nat(50), fc.double({ min: 0, max: 5000, noNaN: true })),
  { maxLength: 200 },
);

Deno.test("TokenBucket gives a burst, then one after each interval", () => {
  const bucket = new TokenBucket({ burst: 3, every: 2 });
  assertEquals([0, 0, 0, 0].map((now) => bucket.take(now)), [0, 0, 0, 2]);
  assertEquals(bucket.take(1500), 0.5);
  assertEquals([2000, 2000].map((now) => bucket.take(now)), [0, 2]);
});

Deno.test("TokenBucket holds no more than a burst when it had much time", () => {
  const bucket = new TokenBucket({ burst: 2, every: 1 });
  assertEquals([1e9, 1e9, 1e9].map((now) => bucket.take(now)), [0, 0, 1]);
});

Deno.test("TokenBucket is exact when the clock has fractions", () => {
  const bucket = new TokenBucket({ burst: 3, every: 0.1 });
  const now = 0.6000000000000001;
  assertEquals([0, 0, 0, 0].map(() => bucket.take(now)), [0, 0, 0, 0.1]);
  assertEquals(bucket.take(now + 100), 0);
});

Deno.test("TokenBucket never refuses when it has no interval", () => {
  const bucket = new TokenBucket({ burst: 1, every: 0 });
  assertEquals([0, 0, 0].map((now) => bucket.take(now)), [0, 0, 0]);
});

Deno.test("TokenBucket asks for one interval at most when the clock is put back", () => {
  const bucket = new TokenBucket({ burst: 2, every: 1 });
  bucket.take(1e9);
  bucket.take(1e9);
  assertEquals(bucket.take(0), 1);
});

Deno.test("TokenBucket gives no more than burst and intervals in any time", () => {
  fc.assert(fc.property(rates, steps, (rate, waits) => {
    const bucket = new TokenBucket(rate);
    const taken: number[] = [];
    let now = 0;
    for (const wait of waits) {
      now += wait;
      if (bucket.take(now) === 0) taken.push(now);
    }
    for (const [index, from] of taken.entries()) {
      for (const [offset, to] of taken.slice(index).entries()) {
        const most = rate.burst + (to - from) / (rate.every * 1000);
        assertLessOrEqual(offset + 1, most + 1e-6);
      }
    }
  }));
});

Deno.test("TokenBucket has a token after the time that it asked for, not before", () => {
  fc.assert(fc.property(rates, steps, (rate, waits) => {
    let bucket = new TokenBucket(rate);
    const history: number[] = [];
    const again = () => {
      bucket = new TokenBucket(rate);
      for (const at of history) bucket.take(at);
    };
    let now = 0;
    for (const step of waits) {
      now += step;
      const wait = bucket.take(now);
      assertLessOrEqual(wait, rate.every + 0.001);
      if (wait === 0) {
        history.push(now);
        continue;
      }
      // 2 ms less: it asks for whole milliseconds.
      assert(bucket.take(now + wait * 1000 - 2) > 0 || wait <= 0.002);
      again();
      assertEquals(bucket.take(now + wait * 1000), 0);
      again();
    }
  }));
});

Deno.test("TokenBuckets keeps apart what has different keys", () => {
  const buckets = new TokenBuckets({ burst: 1, every: 1 });
  assertEquals(["a", "a", "b"].map((key) => buckets.take(key, 0)), [0, 1, 0]);
  assertEquals([buckets.wait("a", 400), buckets.wait("c", 400)], [0.6, 0]);
});

Deno.test("TokenBuckets behaves as a bucket for each key", () => {
  const calls = fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(3000)),
    { maxLength: 200 },
  );
  fc.assert(fc.property(rates, calls, (rate, asked) => {
    const buckets = new TokenBuckets(rate);
    const model = new Map(["a", "b", "c"].map((key) => [
      key,
      new TokenBucket(rate),
    ]));
    let now = 0;
    for (const [key, step] of asked) {
      now += step;
      assertEquals(buckets.take(key, now), model.get(key)!.take(now));
    }
  }));
});

Deno.test("TokenBuckets takes no memory when it refuses", () => {
  const buckets = new TokenBuckets({ burst: 1, every: 1 });
  for (let count = 0; count < 1000; count++) buckets.take("flood", 0);
  for (let count = 0; count < 1000; count++) buckets.wait(`${count}`, 0);
  assertEquals(buckets.size, 1);
});

Deno.test("TokenBuckets forgets what is full again", () => {
  const buckets = new TokenBuckets({ burst: 1, every: 1 });
  for (let count = 0; count < 100; count++) buckets.take(`${count}`, 0);
  assertEquals(buckets.size, 100);
  for (let count = 0; count < 100; count++) {
    buckets.take(`late ${count}`, 1000);
  }
  assertEquals(buckets.size, 100);
  buckets.take("later", 2000);
  assertEquals(buckets.size, 99);
});

Deno.test("TokenBuckets forgets what was taken from first when there are too many", () => {
  const buckets = new TokenBuckets({ burst: 2, every: 10 }, { most: 3 });
  for (const key of ["a", "b", "c", "a", "d"]) buckets.take(key, 0);
  assertEquals(buckets.size, 3);
  assertEquals(buckets.wait("a", 0), 10);
  assertEquals([buckets.take("b", 0), buckets.take("b", 0)], [0, 0]);
});
