import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import {
  asResponseError,
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
  HttpResponseError,
  type HttpResponseErrorCode,
  RESPONSE_ERRORS,
} from "../../../upgrade/http1/mod.ts";

Deno.test("RESPONSE_ERRORS has a plain sentence when any code is looked up", () => {
  for (const [code, message] of Object.entries(RESPONSE_ERRORS)) {
    assertMatch(code, /^[a-z0-9_]+$/);
    assertMatch(message, /^[A-Z][ -~]+\.$/, code);
    assert(!message.includes("equest line"), code);
  }
});

Deno.test("HttpResponseError() carries code, message and cause", () => {
  const cause = new Error("why");
  const error = new HttpResponseError("no_response", { cause });
  assertInstanceOf(error, Error);
  assert(!(error instanceof HttpError));
  assertEquals(error.name, "HttpResponseError");
  assertEquals(error.code, "no_response");
  assertEquals(error.message, RESPONSE_ERRORS.no_response);
  assertStrictEquals(error.cause, cause);
  assertEquals("cause" in new HttpResponseError("no_response"), false);
});

/** What reads responses as well as requests. */
const SHARED = [
  "body_decoder",
  "body_framing",
  "chunk_header_parser",
  "field_section_parser",
  "version_parser",
];

/** The codes in these that no response can cause. */
const REQUEST_ONLY = ["body_too_large", "connect_with_body"];

Deno.test("asResponseError() has the same code in RESPONSE_ERRORS when a response can cause it", async () => {
  const codes = new Set<HttpErrorCode>();
  for (const name of SHARED) {
    const path = `../../../upgrade/http1/${name}.ts`;
    const source = await Deno.readTextFile(new URL(path, import.meta.url));
    for (const [, text = ""] of source.matchAll(/"(\w+)"/g)) {
      if (Object.hasOwn(HTTP_ERRORS, text)) codes.add(text as HttpErrorCode);
    }
  }
  assert(codes.size > 20);
  for (const code of codes) {
    if (REQUEST_ONLY.includes(code)) continue;
    const error = asResponseError(new HttpError(code));
    assertInstanceOf(error, HttpResponseError, code);
    assertEquals(error.code, code as HttpResponseErrorCode);
  }
});

Deno.test("asResponseError() gives back what is no HttpError", () => {
  const error = new TypeError("other");
  assertStrictEquals(asResponseError(error), error);
});
