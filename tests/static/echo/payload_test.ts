import { assert, assertEquals } from "@std/assert";
import {
  formatSize,
  isSame,
  preview,
  PREVIEW_LENGTH,
  sizeOf,
} from "../../../static/echo/payload.js";

Deno.test("sizeOf() counts bytes, of text in UTF-8", () => {
  assertEquals(sizeOf("a👋"), 5);
  assertEquals(sizeOf(new Uint8Array(7)), 7);
});

Deno.test("formatSize() chooses the unit by the size", () => {
  assertEquals(
    [0, 1023, 1024, 10_240, 5 * 1024 ** 2, 16 * 1024 ** 2].map(formatSize),
    ["0 B", "1023 B", "1.0 KiB", "10 KiB", "5.0 MiB", "16 MiB"],
  );
});

Deno.test("preview() shortens what is long, between code points", () => {
  assertEquals(preview("short\ntext"), "short\ntext");
  const long = preview("👋".repeat(PREVIEW_LENGTH + 1));
  assertEquals(long, "👋".repeat(PREVIEW_LENGTH) + "…");
  assertEquals(preview("x".repeat(1e6)), "x".repeat(PREVIEW_LENGTH) + "…");
});

Deno.test("preview() shows bytes in hexadecimal", () => {
  assertEquals(preview(new Uint8Array([0, 10, 255])), "00 0a ff");
  assert(preview(new Uint8Array(1000)).endsWith(" …"));
});

Deno.test("isSame() compares content and kind", () => {
  assert(isSame("a", "a"));
  assert(isSame(new Uint8Array([1, 2]), new Uint8Array([1, 2])));
  assert(!isSame(new Uint8Array([1, 2]), new Uint8Array([1, 3])));
  assert(!isSame(new Uint8Array([1]), new Uint8Array([1, 2])));
  assert(!isSame("a", new Uint8Array([97])));
});
