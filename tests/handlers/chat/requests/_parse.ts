import { assertEquals } from "@std/assert";
import { parseRequest } from "../../../../handlers/chat/parse_request.ts";

/** What is read of a request, or the error that answers it. */
export function parse(request: object): Record<string, unknown> {
  return { ...parseRequest(JSON.stringify(request)) };
}

/** Asserts that a request is refused because of a field. */
export function assertInvalid(request: object, field: string): void {
  const { type, code, field: found } = parse(request);
  assertEquals([type, code, found], ["error", "invalid_field", field]);
}
