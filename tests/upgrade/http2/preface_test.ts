import { assertEquals } from "@std/assert";
import { beginsPreface, PREFACE } from "../../../upgrade/http2/preface.ts";

Deno.test("beginsPreface() is true for each beginning of the preface, and with what follows", () => {
  for (let length = 0; length <= PREFACE.length; length++) {
    assertEquals(beginsPreface(PREFACE.subarray(0, length)), true);
  }
  assertEquals(beginsPreface(new Uint8Array([...PREFACE, 1, 2])), true);
});

Deno.test("beginsPreface() is false when any byte is another one", () => {
  for (let at = 0; at < PREFACE.length; at++) {
    const changed = PREFACE.slice();
    changed[at]! ^= 0x20;
    assertEquals(beginsPreface(changed), false, `${at}`);
    assertEquals(beginsPreface(changed.subarray(0, at + 1)), false, `${at}`);
  }
});
