import { assertEquals } from "@std/assert";
import {
  encodeFrameHeader,
  readFrameHeader,
} from "../../../upgrade/http2/frame.ts";

Deno.test("encodeFrameHeader() writes nine bytes that readFrameHeader() reads", () => {
  const header = {
    length: 0xfedcba,
    type: 0x98,
    flags: 0x76,
    streamId: 0x7fffffff,
  };
  const bytes = encodeFrameHeader(header);
  assertEquals(
    [...bytes],
    [0xfe, 0xdc, 0xba, 0x98, 0x76, 0x7f, 0xff, 0xff, 0xff],
  );
  assertEquals(readFrameHeader(bytes), header);
});

Deno.test("readFrameHeader() ignores the reserved bit", () => {
  const bytes = Uint8Array.of(7, 0, 0, 0, 4, 0, 0, 0x80, 0, 0, 1).subarray(2);
  assertEquals(readFrameHeader(bytes).streamId, 1);
});
