import { assertEquals, assertStrictEquals } from "@std/assert";
import { EventHandlers } from "../../../upgrade/websocket/event_handlers.ts";

Deno.test("set() calls the handler on the target, from its first place", () => {
  const target = new EventTarget();
  const handlers = new EventHandlers(target);
  const calls: string[] = [];
  handlers.set("a", () => calls.push("replaced"));
  target.addEventListener("a", () => calls.push("listener"));
  handlers.set("a", function (this: unknown, event: Event) {
    assertStrictEquals(this, target);
    calls.push(`handler of ${event.type}`);
  });
  target.dispatchEvent(new Event("a"));
  target.dispatchEvent(new Event("b"));
  assertEquals(calls, ["handler of a", "listener"]);
});

Deno.test("set() unsets the handler when it is no function", () => {
  for (const nothing of [null, undefined, 5, "text"]) {
    const target = new EventTarget();
    const handlers = new EventHandlers(target);
    const calls: string[] = [];
    handlers.set("a", () => calls.push("first"));
    target.addEventListener("a", () => calls.push("listener"));
    handlers.set("a", nothing as null);
    assertStrictEquals(handlers.get("a"), null);
    handlers.set("a", () => calls.push("second"));
    target.dispatchEvent(new Event("a"));
    assertEquals(calls, ["listener", "second"]);
  }
});

Deno.test("get() gives the handler of its type, or null", () => {
  const handlers = new EventHandlers(new EventTarget());
  const handler = () => {};
  handlers.set("a", handler);
  assertStrictEquals(handlers.get("a"), handler);
  assertStrictEquals(handlers.get("b"), null);
});
