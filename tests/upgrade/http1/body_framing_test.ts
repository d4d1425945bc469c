import { assertEquals } from "@std/assert";
import { readBodyFraming } from "../../../upgrade/http1/body_framing.ts";

// The grammar table has the rest, but it sends every body whole.
Deno.test("readBodyFraming() takes a length when it is 2^53 - 1", () => {
  assertEquals(
    readBodyFraming({
      method: "POST",
      version: "HTTP/1.1",
      contentLength: ["9007199254740991"],
      transferEncoding: [],
    }),
    { kind: "length", length: Number.MAX_SAFE_INTEGER },
  );
});
