import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  contentDisposition,
  readFileName,
} from "../../../handlers/files/content_disposition.ts";

for (
  const [field, name] of [
    ["attachment", undefined],
    ["", undefined],
    ["attachment; filename=boat.jpg", "boat.jpg"],
    ['attachment; filename="my boat.jpg"', "my boat.jpg"],
    ['attachment;filename = "a;b.txt" ; x=y', "a;b.txt"],
    ['Attachment; FileName="a\\"b\\\\c"', 'a"b\\c'],
    ["attachment; filename*=UTF-8''caf%C3%A9.txt", "café.txt"],
    ["attachment; filename*=utf-8'en'a%20b", "a b"],
    ["attachment; filename=plain; filename*=UTF-8''better", "better"],
    ["attachment; filename*=UTF-8''better; filename=plain", "better"],
    ["attachment; filename*=iso-8859-1''a%E9; filename=plain", "plain"],
    ["attachment; filename*=UTF-8''%FF; filename=plain", "plain"],
    ["attachment; filename*=UTF-8''%; filename=plain", "plain"],
    ["attachment; filename=one; filename=two", "one"],
    ['attachment; filename="unclosed', undefined],
    ["attachment; x=1; filename=a", "a"],
    ["attachment filename=a", undefined],
  ] as const
) {
  Deno.test(`readFileName() is ${name} when the field is ${field}`, () => {
    assertEquals(readFileName(field), name);
  });
}

for (
  const [name, field] of [
    ["boat.jpg", 'inline; filename="boat.jpg"'],
    ["my boat.jpg", 'inline; filename="my boat.jpg"'],
    ["é.txt", "inline; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"],
    ['a"b', "inline; filename=\"a_b\"; filename*=UTF-8''a%22b"],
    ["50%.txt", "inline; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"],
    [
      "👍(1)*'",
      "inline; filename=\"_(1)*'\"; filename*=UTF-8''%F0%9F%91%8D%281%29%2A%27",
    ],
  ] as const
) {
  Deno.test(`contentDisposition() is ${field} when the name is ${name}`, () => {
    assertEquals(contentDisposition("inline", name), field);
  });
}

Deno.test("contentDisposition() is read back by readFileName(), whatever the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      const field = contentDisposition("attachment", name);
      assertEquals(/^[ -~]*$/.test(field), true);
      assertEquals(readFileName(field), name);
    }),
    { seed: 1 },
  );
});
