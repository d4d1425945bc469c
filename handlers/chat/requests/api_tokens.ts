import {
  createToken,
  dropToken,
  listTokens,
} from "../operations/api_tokens.ts";
import { isTokenScope, type TokenScope } from "../token_scopes.ts";
import {
  type Fields,
  invalidField,
  readId,
  readName,
  readOptionalRoom,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** Tokens of the API. */
export const API_TOKEN_REQUESTS: RequestKinds<
  "create_token" | "tokens" | "drop_token"
> = {
  create_token: {
    parse: (fields, ref) => ({
      type: "create_token",
      name: readName(fields),
      scopes: readScopes(fields),
      room: readOptionalRoom(fields),
      ref,
    }),
    async handle(request, session) {
      const made = await createToken(session.chat, session.actor, request);
      session.reply({ type: "token", ...made, ref: request.ref });
    },
  },

  tokens: {
    parse: (_, ref) => ({ type: "tokens", ref }),
    async handle({ ref }, session) {
      const tokens = await listTokens(session.chat, session.actor);
      session.reply({ type: "tokens", tokens, ref });
    },
  },

  drop_token: {
    parse: (fields, ref) => ({
      type: "drop_token",
      token: readId(fields, "token"),
      ref,
    }),
    async handle({ token, ref }, session) {
      await dropToken(session.chat, session.actor, token);
      session.reply({ type: "done", ref });
    },
  },
};

/** Reads `scopes`, each once. */
function readScopes({ scopes }: Fields): readonly TokenScope[] {
  if (!Array.isArray(scopes) || scopes.length === 0) {
    throw invalidField("scopes");
  }
  const read = new Set<TokenScope>();
  for (const scope of scopes) {
    if (typeof scope !== "string" || !isTokenScope(scope)) {
      throw invalidField("scopes");
    }
    read.add(scope);
  }
  return [...read];
}
