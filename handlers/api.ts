import type { Handler } from "../upgrade/mod.ts";
import { type Answer, answer, responseOf } from "./api/answer.ts";
import { type Caller, findCaller } from "./api/caller.ts";
import { type Found, OperationFinder } from "./api/find_operation.ts";
import { readJson } from "./api/json_body.ts";
import type { Operation } from "./api/operation.ts";
import { OPERATIONS } from "./api/operations.ts";
import { PATH_PARAMETERS, type PathParameter } from "./api/parameters.ts";
import { answerRefusal, ApiRefusal } from "./api/problem.ts";
import type { Schema } from "./api/schemas.ts";
import { type Chat, ChatRefusal, StoreError } from "./chat/mod.ts";
import { type Fields, readRoom } from "./chat/requests/fields.ts";
import type { Uploads } from "./files/mod.ts";

/** What {@linkcode createApi} needs besides a chat. */
export interface ApiOptions {
  /** The files that messages may have. */
  readonly uploads: Uploads;
}

/** Nobody: for what everybody may ask. */
const NOBODY: Caller = {
  actor: { person: { id: "", name: "" }, isOwner: false },
  scopes: [],
};

/** In how many seconds a store that cannot store is tried again. */
const STORE_RETRY = 2;

/**
 * Makes the handler of `/api/v1`, for programs: see `docs/api.md`.
 *
 * Who asks is told by `Authorization: Bearer` alone, so that no page of another
 * origin can ask in somebody's name. Refusals are problems (RFC 9457) with a
 * stable `code`. A store that cannot store is answered with 503; all other errors
 * are the caller's, and pass through.
 */
export function createApi(chat: Chat, { uploads }: ApiOptions): Handler {
  const finder = new OperationFinder(OPERATIONS);

  async function carryOut(
    request: Request,
    address: string | undefined,
  ): Promise<Answer> {
    mustNotCallTooFast(chat, { address });
    const url = new URL(request.url);
    const found = finder.find(url.pathname);
    if (found === undefined) throw new ApiRefusal("not_found");
    const method = request.method === "HEAD" ? "GET" : request.method;
    const operation = found.operations.get(method);
    if (operation === undefined) return answerOther(request, found);
    const caller = await callerOf(operation, { request, address });
    const fields = restrict(operation, caller, {
      ...(isJson(operation) && await readJson(request)),
      ...queryOf(operation, url.searchParams),
      ...pathOf(found),
    });
    return await operation.handle({ chat, uploads, request, caller, fields });
  }

  async function callerOf(
    { scope }: Operation,
    { request, address }: {
      readonly request: Request;
      readonly address: string | undefined;
    },
  ): Promise<Caller> {
    if (scope === undefined) return NOBODY;
    const caller = await findCaller(chat, request, address);
    mustNotCallTooFast(chat, { person: caller.actor.person.id });
    if (caller.scopes.includes(scope)) return caller;
    throw new ApiRefusal("scope_missing", {
      "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"`,
    });
  }

  return async function api(request, { remoteAddr }) {
    const address = "hostname" in remoteAddr ? remoteAddr.hostname : undefined;
    try {
      return responseOf(await carryOut(request, address));
    } catch (error) {
      return responseOf(answerRefusal(refusalOf(chat, error)));
    }
  };
}

function mustNotCallTooFast(
  { limits }: Chat,
  who: { readonly person?: string; readonly address?: string | undefined },
): void {
  const wait = limits.take("calls", who);
  if (wait > 0) throw new ChatRefusal("too_fast", { retry_after: wait });
}

/** Answers a method that there is no operation for. */
function answerOther(
  { method }: Request,
  { operations }: Found,
): Answer {
  const methods = [...operations.keys()];
  if (methods.includes("GET")) methods.push("HEAD");
  const allow = [...methods, "OPTIONS"].join(", ");
  if (method === "OPTIONS") return answer(204, undefined, { allow });
  throw new ApiRefusal("method_not_allowed", { allow });
}

function isJson({ body }: Operation): boolean {
  return body !== undefined && body !== "bytes";
}

function queryOf({ query = {} }: Operation, given: URLSearchParams): Fields {
  const fields: Record<string, unknown> = {};
  for (const [name, { schema }] of Object.entries(query)) {
    const value = given.get(name);
    if (value !== null) fields[name] = valueOf(schema, value);
  }
  return fields;
}

function pathOf({ parameters }: Found): Fields {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      valueOf(PATH_PARAMETERS[name as PathParameter].schema, value),
    ]),
  );
}

/** A value that is no number where one has to be is refused as it is. */
function valueOf({ type }: Schema, value: string): unknown {
  return type === "integer" && /^\d{1,16}$/.test(value) ? Number(value) : value;
}

/** Keeps a token for one room to that room. */
function restrict(
  { forRoomTokens }: Operation,
  { room }: Caller,
  fields: Fields,
): Fields {
  if (room === undefined) return fields;
  if (fields.room === undefined && forRoomTokens) return { ...fields, room };
  if (fields.room !== undefined && readRoom(fields) === room) return fields;
  throw new ApiRefusal("wrong_room");
}

function refusalOf(chat: Chat, error: unknown): ChatRefusal | ApiRefusal {
  if (error instanceof ChatRefusal || error instanceof ApiRefusal) return error;
  if (!(error instanceof StoreError)) throw error;
  chat.report(error);
  return new ChatRefusal("busy", { retry_after: STORE_RETRY });
}
