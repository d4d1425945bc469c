import { CHAT_LIMITS, MORE_LIMITS } from "../chat/limits.ts";
import type { Parameter } from "./operation.ts";
import type { Schema } from "./schemas.ts";

/** What stands in the braces of paths. */
export const PATH_PARAMETERS = {
  room: {
    description: "The name of a room.",
    schema: { type: "string", minLength: 1 },
  },
  offset: {
    description: "The number of a message in its room.",
    schema: { type: "integer", minimum: 1 },
  },
  person: {
    description: "The id of a person.",
    schema: { type: "string", minLength: 1 },
  },
} as const satisfies Readonly<
  Record<string, { readonly description: string; readonly schema: Schema }>
>;

/** The name of a parameter of a path. */
export type PathParameter = keyof typeof PATH_PARAMETERS;

/** `limit`, and how many there are without it. */
export function limitParameter(
  fallback: number = MORE_LIMITS.defaultPage,
): Parameter {
  return {
    description: `How many, ${CHAT_LIMITS.page} at most. Default: ${fallback}.`,
    schema: { type: "integer", minimum: 1 },
  };
}

/** `after`, of a list in the order of something. */
export function afterParameter(what: string): Parameter {
  return {
    description: `The list begins after this ${what}.`,
    schema: { type: "string" },
  };
}

/** A place in a room's messages. */
export function offsetParameter(description: string): Parameter {
  return { description, schema: { type: "integer", minimum: 1 } };
}

/** `Idempotency-Key`: the id of a message. */
export const IDEMPOTENCY_KEY: Parameter = {
  description:
    "The message's id, chosen by the caller. Sent again with the same one, it is said once. Default: a random one.",
  schema: { type: "string", minLength: 1, maxLength: MORE_LIMITS.id },
};
