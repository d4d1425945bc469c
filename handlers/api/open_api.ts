import { TOKEN_SCOPES } from "../chat/token_scopes.ts";
import type { ExpectedAnswer, Operation, Parameter } from "./operation.ts";
import { PATH_PARAMETERS, type PathParameter } from "./parameters.ts";
import { type SchemaName, SCHEMAS } from "./schemas.ts";

/** A part of a description, as JSON. */
type Part = Readonly<Record<string, unknown>>;

/** Where the API is. */
export const API_BASE = "/api/v1";

/** Describes operations as OpenAPI 3.1.0 has it. */
export function describeApi(operations: readonly Operation[]): Part {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = paths[operation.path] ??= {};
    path[operation.method.toLowerCase()] = describeOperation(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Switchboard",
      version: "1.0.0",
      description: "The HTTP API of the chat.",
    },
    servers: [{ url: API_BASE }],
    paths,
    components: {
      schemas: SCHEMAS,
      responses: {
        Problem: {
          description: "The request is refused.",
          content: { "application/problem+json": { schema: ref("Problem") } },
        },
      },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: [
            "A token of the API, of which each operation needs one scope:",
            ...Object.entries(TOKEN_SCOPES).map(([scope, words]) =>
              `\`${scope}\`: ${words}`
            ),
            "Or a session's secret, with which a person acts as itself.",
          ].join(" "),
        },
      },
    },
  };
}

function describeOperation(operation: Operation): Part {
  const { id, summary, scope, body, answers } = operation;
  return {
    operationId: id,
    summary,
    security: scope === undefined ? [] : [{ token: [scope] }],
    parameters: [
      ...pathParameters(operation.path),
      ...describeParameters("query", operation.query),
      ...describeParameters("header", operation.headers),
    ],
    ...(body !== undefined && { requestBody: describeBody(body) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, expected]) => [
          status,
          describeAnswer(expected),
        ]),
      ),
      "4XX": { $ref: "#/components/responses/Problem" },
      "5XX": { $ref: "#/components/responses/Problem" },
    },
  };
}

function pathParameters(path: string): Part[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    ...PATH_PARAMETERS[name as PathParameter],
  }));
}

function describeParameters(
  place: "query" | "header",
  parameters: Readonly<Record<string, Parameter>> = {},
): Part[] {
  return Object.entries(parameters).map(([name, parameter]) => ({
    name,
    in: place,
    ...parameter,
  }));
}

function describeBody(body: SchemaName | "bytes"): Part {
  return {
    required: true,
    content: body === "bytes"
      ? { "*/*": {} }
      : { "application/json": { schema: ref(body) } },
  };
}

function describeAnswer({ description, body, location }: ExpectedAnswer): Part {
  return {
    description,
    ...(location && {
      headers: {
        Location: {
          description: "Where it is.",
          schema: { type: "string", format: "uri-reference" },
        },
      },
    }),
    ...(body !== undefined && {
      content: { "application/json": { schema: ref(body) } },
    }),
  };
}

function ref(name: SchemaName): Part {
  return { $ref: `#/components/schemas/${name}` };
}
