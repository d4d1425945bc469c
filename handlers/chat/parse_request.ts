import type { ChatRequest, ChatRequestType } from "./client_messages.ts";
import { ChatRefusal, errorMessage } from "./errors.ts";
import { MORE_LIMITS } from "./limits.ts";
import { isObject, isString, roomName } from "./requests/fields.ts";
import type { RequestKind } from "./requests/kind.ts";
import { REQUESTS } from "./requests/mod.ts";
import type { ErrorMessage } from "./server_messages.ts";

/**
 * Reads one message of a client: a checked request, or the error that answers
 * it. Unknown fields are ignored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRequest } from "./parse_request.ts";
 *
 * assertEquals(parseRequest('{"type":"typing","room":" lobby "}'), {
 *   type: "typing",
 *   room: "lobby",
 *   ref: undefined,
 * });
 * ```
 */
export function parseRequest(json: string): ChatRequest | ErrorMessage {
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch {
    return errorMessage("not_json");
  }
  if (!isObject(fields)) return errorMessage("not_object");
  const { ref, type } = fields;
  if (ref !== undefined && !isString(ref, MORE_LIMITS.ref)) {
    return errorMessage("invalid_ref");
  }
  const kind = typeof type === "string" ? kindOf(type) : undefined;
  if (kind === undefined) return errorMessage("unknown_type", { ref });
  try {
    return kind.parse(fields, ref);
  } catch (error) {
    if (!(error instanceof ChatRefusal)) throw error;
    const { code, details } = error;
    const room = code === "invalid_room" ? undefined : roomName(fields.room);
    return errorMessage(code, { ...details, room, ref });
  }
}

/** What is known of a type of requests, if there is such a one. */
export function kindOf(type: string): RequestKind<ChatRequest> | undefined {
  // Not those of Object.prototype.
  if (!Object.hasOwn(REQUESTS, type)) return undefined;
  return REQUESTS[type as ChatRequestType] as RequestKind<ChatRequest>;
}
