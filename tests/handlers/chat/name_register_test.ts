import { assert, assertEquals, assertFalse } from "@std/assert";
import { NameRegister } from "../../../handlers/chat/name_register.ts";

const KEY = "0123456789abcdef";

function registerWith(key: string | undefined): NameRegister<string> {
  const register = new NameRegister<string>();
  register.hold("Ana", { holder: "first", key });
  return register;
}

Deno.test("holderOf() finds the holder when only the case differs", () => {
  assertEquals(registerWith(KEY).holderOf("aNA"), "first");
  assertEquals(registerWith(KEY).holderOf("Bo"), undefined);
});

Deno.test("opens() is true when the key is the holder's", () => {
  assert(registerWith(KEY).opens("ana", KEY));
});

Deno.test("opens() is false when the key is another, longer or missing", () => {
  const register = registerWith(KEY);
  assertFalse(register.opens("Ana", "0123456789abcdeF"));
  assertFalse(register.opens("Ana", KEY + "0"));
  assertFalse(register.opens("Ana", undefined));
  assertFalse(register.opens("Bo", KEY));
});

Deno.test("opens() is false when the holder gave no key", () => {
  const register = registerWith(undefined);
  assertFalse(register.opens("Ana", KEY));
  assertFalse(register.opens("Ana", undefined));
});

Deno.test("release() frees a name only for its holder", () => {
  const register = registerWith(KEY);
  register.release("Ana", "second");
  assertEquals(register.holderOf("Ana"), "first");
  register.release("ANA", "first");
  assertEquals(register.holderOf("Ana"), undefined);
});
