import { assert, assertEquals } from "@std/assert";
import { ByteBudgets } from "../../../handlers/files/byte_budgets.ts";

Deno.test("ByteBudgets lets a key use its bytes, and more as time goes by", () => {
  const budgets = new ByteBudgets({ bytes: 100, period: 1000 });
  assertEquals(budgets.wait("ana", { bytes: 100, now: 0 }), 0);
  budgets.use("ana", { bytes: 100, now: 0 });
  assertEquals(budgets.wait("ana", { bytes: 10, now: 0 }), 100);
  assertEquals(budgets.wait("ana", { bytes: 10, now: 60 }), 40);
  assertEquals(budgets.wait("ana", { bytes: 10, now: 100 }), 0);
  assertEquals(budgets.wait("bo", { bytes: 100, now: 0 }), 0);
});

Deno.test("ByteBudgets never saves up more than the budget", () => {
  const budgets = new ByteBudgets({ bytes: 100, period: 1000 });
  budgets.use("ana", { bytes: 50, now: 0 });
  assert(budgets.wait("ana", { bytes: 101, now: 1_000_000 }) > 0);
  assertEquals(budgets.wait("ana", { bytes: 100, now: 1_000_000 }), 0);
});

Deno.test("ByteBudgets remembers who used bytes, and a bounded number of others", () => {
  const budgets = new ByteBudgets({ bytes: 100, period: 1000 });
  budgets.use("ana", { bytes: 100, now: 0 });
  for (let index = 0; index < 16_000; index++) {
    budgets.use(`${index}`, { bytes: 100, now: 0 });
  }
  assert(budgets.wait("ana", { bytes: 1, now: 0 }) > 0);
  for (let index = 0; index < 1_000; index++) {
    budgets.use(`more ${index}`, { bytes: 100, now: 0 });
  }
  assertEquals(budgets.wait("ana", { bytes: 1, now: 0 }), 0);
});
