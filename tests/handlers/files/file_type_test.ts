import { assertEquals } from "@std/assert";
import {
  fileType,
  isShown,
  TYPE_BYTES,
} from "../../../handlers/files/file_type.ts";

const UNKNOWN = "application/octet-stream";

/** Bytes of a string of one code unit each. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

for (
  const [type, start] of [
    ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    ["image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"],
    ["image/gif", "GIF87a"],
    ["image/gif", "GIF89a<script>"],
    ["image/webp", "RIFF\x10\0\0\0WEBPVP8L"],
    ["image/avif", "\0\0\0\x1cftypavif\0\0\0\0mif1miaf"],
    ["image/avif", "\0\0\0\x1cftypmif1\0\0\0\0miafavif"],
    ["video/mp4", "\0\0\0\x18ftypisom\0\0\x02\0mp42"],
    ["video/mp4", "\0\0\0\x14ftypM4A \0\0\0\0"],
    ["video/webm", "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"],
    ["audio/ogg", "OggS\0\x02"],
  ] as const
) {
  Deno.test(`fileType() is ${type} when a file begins with ${JSON.stringify(start)}`, () => {
    assertEquals(fileType(bytes(start), null), type);
    assertEquals(fileType(bytes(start), "text/html"), type);
    assertEquals(isShown(type), true);
  });

  Deno.test(`fileType() does not believe ${type} when ${JSON.stringify(start)} is not the beginning`, () => {
    assertEquals(fileType(bytes(` ${start}`), type), UNKNOWN);
    assertEquals(fileType(bytes(start.slice(0, 3)).subarray(1), type), UNKNOWN);
  });
}

for (
  const [claimed, type] of [
    [null, UNKNOWN],
    ["", UNKNOWN],
    ["text/plain", "text/plain"],
    ["Text/HTML; charset=utf-8", "text/html"],
    ["application/vnd.ms-excel", "application/vnd.ms-excel"],
    ["image/svg+xml", "image/svg+xml"],
    ["image/png", UNKNOWN],
    ["IMAGE/PNG;x", UNKNOWN],
    ["video/mp4 ", UNKNOWN],
    ["text", UNKNOWN],
    ["text/plain, text/html", UNKNOWN],
    ["text/pl\nain", UNKNOWN],
    [`text/${"x".repeat(64)}`, UNKNOWN],
  ] as const
) {
  Deno.test(`fileType() is ${type} when nothing is known and ${claimed} is claimed`, () => {
    assertEquals(fileType(bytes("<script>alert(1)</script>"), claimed), type);
  });
}

Deno.test("fileType() does not look past the first bytes", () => {
  const far = " ".repeat(TYPE_BYTES);
  const start = `\x1a\x45\xdf\xa3${far}\x42\x82\x84webm`;
  assertEquals(fileType(bytes(start), null), UNKNOWN);
  const box = `\0\0\x01\0ftypxxxx\0\0\0\0${far}avif`;
  assertEquals(fileType(bytes(box), null), UNKNOWN);
});

Deno.test("fileType() takes the brands of the first box only", () => {
  assertEquals(
    fileType(bytes("\0\0\0\x10ftypxxxx\0\0\0\0avif"), null),
    UNKNOWN,
  );
  assertEquals(
    fileType(bytes("\0\0\0\x14ftypxxxxavifyyyy"), null),
    UNKNOWN,
  );
});

Deno.test("isShown() is false for what can hold a script", () => {
  for (
    const type of [
      "image/svg+xml",
      "text/html",
      "application/pdf",
      "text/plain",
      UNKNOWN,
    ]
  ) assertEquals(isShown(type), false);
});
