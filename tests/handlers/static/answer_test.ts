import { assertEquals } from "@std/assert";
import {
  answerFile,
  type Representation,
} from "../../../handlers/static/answer.ts";

const DATE = "Thu, 01 Jan 2026 12:00:00 GMT";

const FILE: Representation = {
  name: "app.js",
  size: 10,
  etag: '"a"',
  modified: { time: Date.parse(DATE), settled: true },
  hasVariants: false,
};
const VARIANT: Representation = { ...FILE, coding: "br", hasVariants: true };

const DESCRIBED = {
  "accept-ranges": "bytes",
  "cache-control": "no-cache",
  "content-type": "text/javascript; charset=UTF-8",
  etag: '"a"',
  "last-modified": DATE,
};

function answer(
  fields: Record<string, string>,
  representation = FILE,
  method = "GET",
) {
  const headers = new Headers(fields);
  return answerFile({ method, headers }, representation);
}

Deno.test("answerFile() gives the whole file when nothing else is asked for", () => {
  assertEquals(answer({}), {
    status: 200,
    fields: { ...DESCRIBED, "content-length": "10" },
    part: { first: 0, last: 9 },
  });
});

Deno.test("answerFile() has no body when the file is empty", () => {
  assertEquals(answer({}, { ...FILE, size: 0 }), {
    status: 200,
    fields: { ...DESCRIBED, "content-length": "0" },
  });
});

Deno.test("answerFile() gives the range when one is asked for", () => {
  assertEquals(answer({ range: "bytes=2-4" }), {
    status: 206,
    fields: {
      ...DESCRIBED,
      "content-length": "3",
      "content-range": "bytes 2-4/10",
    },
    part: { first: 2, last: 4 },
  });
});

Deno.test("answerFile() gives a range of the variant when that was chosen", () => {
  assertEquals(answer({ range: "bytes=2-4" }, VARIANT), {
    status: 206,
    fields: {
      ...DESCRIBED,
      "content-encoding": "br",
      "content-length": "3",
      "content-range": "bytes 2-4/10",
      vary: "Accept-Encoding",
    },
    part: { first: 2, last: 4 },
  });
});

Deno.test("answerFile() tells the size when the range is outside", () => {
  assertEquals(answer({ range: "bytes=10-" }), {
    status: 416,
    fields: {
      "cache-control": "no-cache",
      "content-range": "bytes */10",
      etag: '"a"',
    },
    text: "The file has 10 bytes.\n",
  });
});

Deno.test("answerFile() ignores the range when the method is HEAD", () => {
  for (const range of ["bytes=2-4", "bytes=10-"]) {
    assertEquals(answer({ range }, FILE, "HEAD"), answer({}, FILE, "HEAD"));
  }
});

for (
  const [status, ifRange, representation, why] of [
    [206, '"a"', FILE, "If-Range is the tag"],
    [200, '"b"', FILE, "If-Range is another tag"],
    [206, DATE, FILE, "If-Range is the date"],
    [206, '"a"', VARIANT, "If-Range is the variant's tag"],
    [200, DATE, VARIANT, "If-Range is a date that variants may share"],
  ] as const
) {
  Deno.test(`answerFile() answers ${status} when ${why}`, () => {
    const fields = { range: "bytes=2-4", "if-range": ifRange };
    assertEquals(answer(fields, representation).status, status);
  });
}

Deno.test("answerFile() does not ask for the range when If-Range fails", () => {
  const fields = { range: "bytes=10-", "if-range": '"b"' };
  assertEquals(answer(fields).status, 200);
});

Deno.test("answerFile() asks the conditions before the range", () => {
  const range = "bytes=10-";
  assertEquals(answer({ range, "if-none-match": '"a"' }).status, 304);
  assertEquals(answer({ range, "if-match": '"b"' }).status, 412);
});

Deno.test("answerFile() says only what a cache needs when nothing has changed", () => {
  assertEquals(answer({ "if-none-match": '"a"' }, VARIANT), {
    status: 304,
    fields: {
      "cache-control": "no-cache",
      etag: '"a"',
      vary: "Accept-Encoding",
    },
  });
});

Deno.test("answerFile() gives no file when a condition fails", () => {
  assertEquals(answer({ "if-unmodified-since": DATE, "if-match": '"b"' }), {
    status: 412,
    fields: { "cache-control": "no-cache", etag: '"a"' },
    text: "The file is not in the state that you asked for.\n",
  });
});

Deno.test("answerFile() varies on every answer when there are variants", () => {
  for (const file of [VARIANT, { ...VARIANT, coding: undefined }]) {
    for (
      const [status, fields] of [
        [200, {}],
        [206, { range: "bytes=0-1" }],
        [304, { "if-none-match": "*" }],
        [412, { "if-match": '"b"' }],
        [416, { range: "bytes=10-" }],
      ] as const
    ) {
      const got = answer(fields, file);
      assertEquals(got.status, status);
      assertEquals(got.fields.vary, "Accept-Encoding");
    }
  }
});

Deno.test("answerFile() keeps the file for a year when its name has a hash", () => {
  const file = { ...FILE, name: "app.0123abcd.js" };
  const year = "public, max-age=31536000, immutable";
  for (
    const [status, fields, lifetime] of [
      [200, {}, year],
      [206, { range: "bytes=0-1" }, year],
      [304, { "if-none-match": "*" }, year],
      [412, { "if-match": '"b"' }, "no-cache"],
      [416, { range: "bytes=10-" }, "no-cache"],
    ] as const
  ) {
    const got = answer(fields, file);
    assertEquals(got.status, status);
    assertEquals(got.fields["cache-control"], lifetime);
  }
});

Deno.test("answerFile() gives no date when its second is not over", () => {
  const modified = { time: Date.parse(DATE), settled: false };
  const { fields } = answer({}, { ...FILE, modified });
  assertEquals(fields["last-modified"], undefined);
});
