import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CONNECTION_RATES,
  RateLimits,
  type RateOverrides,
  RATES,
} from "../../../handlers/chat/rate_limits.ts";

function limitsAt(rates: RateOverrides | false | undefined) {
  const clock = { now: 0 };
  return { clock, limits: new RateLimits({ rates, now: () => clock.now }) };
}

Deno.test("RateLimits.take() counts people apart, on all their connections", () => {
  const { clock, limits } = limitsAt({
    messages: { person: { burst: 1, every: 2 } },
  });
  assertEquals(limits.take("messages", { person: "a" }), 0);
  assertEquals(limits.take("messages", { person: "a" }), 2);
  assertEquals(limits.take("messages", { person: "b" }), 0);
  clock.now = 2000;
  assertEquals(limits.take("messages", { person: "a" }), 0);
});

Deno.test("RateLimits.take() counts an address when the people are many", () => {
  const { limits } = limitsAt({
    messages: {
      person: { burst: 1, every: 2 },
      address: { burst: 2, every: 5 },
    },
  });
  const take = (person: string, address: string) =>
    limits.take("messages", { person, address });
  assertEquals(take("a", "2001:db8::1"), 0);
  assertEquals(take("b", "2001:db8::2"), 0);
  assertEquals(take("c", "2001:db8::3"), 5);
  assertEquals(take("c", "2001:db8:1::3"), 0);
});

Deno.test("RateLimits.take() counts nothing when one of the limits refuses", () => {
  const { clock, limits } = limitsAt({
    logins: {
      address: { burst: 2, every: 1 },
      name: { burst: 1, every: 10 },
    },
  });
  const take = (name: string) =>
    limits.take("logins", { name, address: "192.0.2.1" });
  assertEquals(take("ana"), 0);
  for (let count = 0; count < 5; count++) assertEquals(take("ana"), 10);
  assertEquals(take("bo"), 0);
  assertEquals(take("cy"), 1);
  clock.now = 1000;
  assertEquals(take("cy"), 0);
});

Deno.test("RateLimits.take() asks for the longest of several waits", () => {
  const { limits } = limitsAt({
    messages: {
      person: { burst: 1, every: 2 },
      address: { burst: 1, every: 3 },
    },
  });
  const who = { person: "a", address: "192.0.2.1" };
  assertEquals([limits.take("messages", who), limits.take("messages", who)], [
    0,
    3,
  ]);
});

Deno.test("RateLimits.take() lets others go on when one address floods", () => {
  const { limits } = limitsAt(undefined);
  let refused = 0;
  for (let count = 0; count < 100_000; count++) {
    refused += Math.sign(limits.take("hellos", { address: "192.0.2.1" }));
  }
  assertEquals(refused, 100_000 - RATES.hellos.address.burst);
  assertEquals(limits.take("hellos", { address: "192.0.2.2" }), 0);
});

Deno.test("RateLimits.connection() counts each connection apart", () => {
  const { clock, limits } = limitsAt({ typing: { burst: 1, every: 2 } });
  const [one, two] = [limits.connection(), limits.connection()];
  assertEquals([one.take("typing"), one.take("typing")], [0, 2]);
  assertEquals([one.take("requests"), one.take("refusals")], [0, 0]);
  assertEquals(two.take("typing"), 0);
  clock.now = 2000;
  assertEquals(one.take("typing"), 0);
});

Deno.test("RateLimits.connection() refuses when there were many refusals", () => {
  const { limits } = limitsAt(undefined);
  const connection = limits.connection();
  let count = 0;
  while (connection.take("refusals") === 0) count++;
  assertEquals(count, CONNECTION_RATES.refusals.burst);
  assertEquals(connection.take("requests"), 0);
});

Deno.test("RateLimits refuses nothing when the rates are off", () => {
  const { limits } = limitsAt(false);
  const connection = limits.connection();
  const who = { person: "a", address: "192.0.2.1", name: "ana" };
  for (let count = 0; count < 2000; count++) {
    for (const name of Object.keys(RATES) as (keyof typeof RATES)[]) {
      assertEquals(limits.take(name, who), 0);
    }
    assertEquals(connection.take("requests"), 0);
    assertEquals(connection.take("refusals"), 0);
  }
});

Deno.test("RateLimits has for each address at least the rate of a person", () => {
  for (const rates of Object.values(RATES)) {
    if (!("person" in rates) || !("address" in rates)) continue;
    assert(rates.address.burst >= rates.person.burst);
    assert(rates.address.every <= rates.person.every);
  }
});

for (
  const rates of [
    { messages: { person: { burst: 0, every: 1 } } },
    { messages: { person: { burst: 1.5, every: 1 } } },
    { messages: { address: { burst: 1, every: -1 } } },
    { typing: { burst: 1, every: Number.NaN } },
    { requests: { burst: Number.POSITIVE_INFINITY, every: 1 } },
  ]
) {
  Deno.test(`RateLimits throws when the rates are ${Deno.inspect(rates)}`, () => {
    assertThrows(() => new RateLimits({ rates }), RangeError, "Cannot use");
  });
}

Deno.test("RateLimits lets nobody use up the logins of a name from one address", () => {
  let now = 0;
  const limits = new RateLimits({ now: () => now });
  for (; now < 600_000; now += 100) {
    limits.take("logins", { address: "192.0.2.1", name: "ana" });
  }
  const own = { address: "192.0.2.2", name: "ana" };
  assertEquals(limits.take("logins", own), 0);
});
