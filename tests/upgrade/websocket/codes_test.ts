import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  CLOSE_CODE,
  isSendableCloseCode,
  OPCODE,
} from "../../../upgrade/websocket/codes.ts";

Deno.test("OPCODE has the six opcodes of RFC 6455 §11.8", () => {
  assertEquals(Object.values(OPCODE), [0, 1, 2, 8, 9, 10]);
});

Deno.test("isSendableCloseCode() is true when the code may stand in a frame", () => {
  const sendable = [1000, 1001, 1002, 1003];
  for (let code = 1007; code <= 1014; code++) sendable.push(code);
  for (let code = 3000; code <= 4999; code++) sendable.push(code);
  const found = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (isSendableCloseCode(code)) found.push(code);
  }
  assertEquals(found, sendable);
});

Deno.test("isSendableCloseCode() is false when the number is no 16-bit integer", () => {
  for (const code of [NaN, Infinity, -1000, 1000.5, 66536]) {
    assertFalse(isSendableCloseCode(code), `${code}`);
  }
});

Deno.test("isSendableCloseCode() is false when a code only tells this side something", () => {
  for (const [name, code] of Object.entries(CLOSE_CODE)) {
    const isLocal = name === "noStatus" || name === "abnormal";
    assert(isSendableCloseCode(code) !== isLocal, name);
  }
});
