import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { HTTP_ERRORS, HttpError } from "../../../upgrade/http1/mod.ts";

Deno.test("HTTP_ERRORS has a plain sentence and an error status when any code is looked up", () => {
  for (const [code, { status, message }] of Object.entries(HTTP_ERRORS)) {
    assertEquals(/^[a-z0-9_]+$/.test(code), true, code);
    assertEquals(status >= 400 && status < 600, true, code);
    assertEquals(/^[A-Z][ -~]+\.$/.test(message), true, code);
  }
});

Deno.test("HttpError() carries status, code and message when its code is known", () => {
  const error = new HttpError("target_too_long");
  assertInstanceOf(error, Error);
  assertEquals(error.name, "HttpError");
  assertEquals(error.code, "target_too_long");
  assertEquals(error.status, 414);
  assertEquals(error.message, HTTP_ERRORS.target_too_long.message);
  assertEquals(error.headers, []);
  assertEquals("cause" in error, false);
});

Deno.test("HttpError() takes any code when status and message are given", () => {
  const cause = new Error("why");
  const error = new HttpError("method_not_allowed", {
    status: 405,
    message: "Only GET is served here.",
    headers: new Headers({ allow: "GET" }),
    cause,
  });
  assertEquals(error.status, 405);
  assertEquals(error.code, "method_not_allowed");
  assertEquals(error.message, "Only GET is served here.");
  assertEquals(error.headers, [["allow", "GET"]]);
  assertEquals(error.cause, cause);
});

Deno.test("HttpError() throws a RangeError when the status is no error", () => {
  for (const status of [0, 200, 399, 600, 404.5, NaN]) {
    assertThrows(
      () => new HttpError("other", { status, message: "m" }),
      RangeError,
    );
  }
  for (const status of [400, 599]) {
    assertEquals(
      new HttpError("other", { status, message: "m" }).status,
      status,
    );
  }
});

Deno.test("HttpError() throws a TypeError when a header may not be sent", () => {
  const headers: [string, string][] = [
    ["", "v"],
    ["a b", "v"],
    ["a", "v\r\nb: c"],
    ["Content-Length", "5"],
    ["transfer-encoding", "chunked"],
    ["Connection", "close"],
    ["Date", "now"],
    ["Content-Type", "text/html"],
  ];
  for (const header of headers) {
    assertThrows(
      () => new HttpError("bad_target", { headers: [header] }),
      TypeError,
    );
  }
});

Deno.test("HttpError() throws a RangeError when a name of every object is the code", () => {
  // @ts-expect-error: the types ask for a status
  assertThrows(() => new HttpError("toString"), RangeError);
});
