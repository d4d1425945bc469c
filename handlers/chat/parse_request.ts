import { errorMessage } from "./errors.ts";
import { CHAT_LIMITS } from "./limits.ts";
import type { ChatRequest, ErrorMessage } from "./messages.ts";
import { normalizeName, normalizeRoom } from "./names.ts";
import { hasLength, isSayable } from "./text.ts";

/**
 * Reads one message of a client: a checked request, or the error that answers
 * it. Unknown fields are ignored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRequest } from "./parse_request.ts";
 *
 * assertEquals(parseRequest('{"type":"join","room":" lobby "}'), {
 *   type: "join",
 *   room: "lobby",
 *   ref: undefined,
 * });
 * ```
 */
export function parseRequest(json: string): ChatRequest | ErrorMessage {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return errorMessage("not_json");
  }
  if (!isObject(value)) return errorMessage("not_object");
  const { ref } = value;
  if (ref !== undefined && !isStringOf(ref, { min: 1, max: 64 })) {
    return errorMessage("invalid_ref");
  }
  switch (value.type) {
    case "name":
      return parseName(value, ref);
    case "join":
    case "leave":
    case "message":
      return parseInRoom(value, { type: value.type, ref });
    default:
      return errorMessage("unknown_type", { ref });
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseName(
  value: JsonObject,
  ref: string | undefined,
): ChatRequest | ErrorMessage {
  const { key } = value;
  const name = normalizeName(value.name);
  if (name === undefined) return errorMessage("invalid_name", { ref });
  if (key === undefined) return { type: "name", name, key, ref };
  // Well-formed only: keys are compared as UTF-8, where every lone surrogate
  // would become the same replacement character.
  return isStringOf(key, { min: 16, max: 128 }) && key.isWellFormed()
    ? { type: "name", name, key, ref }
    : errorMessage("invalid_key", { ref });
}

function parseInRoom(
  value: JsonObject,
  { type, ref }: {
    type: "join" | "leave" | "message";
    ref: string | undefined;
  },
): ChatRequest | ErrorMessage {
  const { text } = value;
  const room = normalizeRoom(value.room);
  if (room === undefined) return errorMessage("invalid_room", { ref });
  if (type !== "message") return { type, room, ref };
  return typeof text === "string" && isSayable(text, CHAT_LIMITS.text)
    ? { type, room, text, ref }
    : errorMessage("invalid_text", { ref, room });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringOf(
  value: unknown,
  range: { readonly min: number; readonly max: number },
): value is string {
  return typeof value === "string" && hasLength(value, range);
}
