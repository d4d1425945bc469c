import { STATUS_TEXT } from "@std/http";
import {
  CHAT_ERRORS,
  type ChatErrorCode,
  type ChatRefusal,
} from "../chat/mod.ts";
import type { ErrorDetails } from "../chat/mod.ts";
import { type Answer, answer } from "./answer.ts";

/** What only the HTTP API refuses, with the status and a sentence for people. */
export const API_ERRORS = {
  not_found: { status: 404, message: "There is nothing at this address." },
  method_not_allowed: {
    status: 405,
    message: "This address answers other methods only.",
  },
  token_required: {
    status: 401,
    message: "Say who you are: Authorization: Bearer, and a token.",
  },
  scope_missing: {
    status: 403,
    message: "The token does not have the scope that this needs.",
  },
  wrong_room: { status: 403, message: "The token is for one other room only." },
  body_too_large: { status: 413, message: "The body is too large." },
  unsupported_media_type: {
    status: 415,
    message: "The body has a type or a coding that is not taken here.",
  },
  no_space: { status: 507, message: "There is no room for more files." },
} as const;

/** One of the codes of {@linkcode API_ERRORS}. */
export type ApiErrorCode = keyof typeof API_ERRORS;

/**
 * The status of those codes of the protocol that are not 422: what was sent can
 * be read, and is not what it has to be.
 */
const STATUSES: Readonly<Partial<Record<ChatErrorCode, number>>> = {
  not_json: 400,
  not_object: 400,
  invalid_token: 401,
  unknown_session: 401,
  account_required: 403,
  banned: 403,
  invite_required: 403,
  muted: 403,
  not_allowed: 403,
  not_in_room: 403,
  message_unknown: 404,
  not_offered: 404,
  person_unknown: 404,
  room_unknown: 404,
  name_taken: 409,
  slow_mode: 429,
  too_fast: 429,
  busy: 503,
};

/** Says no in the words of the API alone. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  /** What was wrong, for programs. */
  readonly code: ApiErrorCode;
  /** Fields of the answer, with names in lower case. */
  readonly fields: Readonly<Record<string, string>>;

  /** Refuses with a code, and fields of the answer. */
  constructor(
    code: ApiErrorCode,
    fields: Readonly<Record<string, string>> = {},
  ) {
    super(API_ERRORS[code].message);
    this.code = code;
    this.fields = fields;
  }
}

/** Why a request is refused, as it is answered (RFC 9457). */
export interface Problem extends ErrorDetails {
  /** The status in words. */
  readonly title: string;
  /** The status code. */
  readonly status: number;
  /** The cause in one plain sentence. */
  readonly detail: string;
  /** What was wrong, for programs. */
  readonly code: ChatErrorCode | ApiErrorCode;
}

/** The answer to a request that is refused. */
export function answerRefusal(refusal: ChatRefusal | ApiRefusal): Answer {
  if (refusal instanceof ApiRefusal) {
    const { code, fields } = refusal;
    const { status, message } = API_ERRORS[code];
    return problem({ status, code, detail: message, fields });
  }
  const { code, details } = refusal;
  return problem({
    status: STATUSES[code] ?? 422,
    code,
    detail: CHAT_ERRORS[code],
    details,
    fields: details.retry_after === undefined ? {} : {
      // RFC 9110 §10.2.3: whole seconds.
      "retry-after": `${Math.ceil(details.retry_after)}`,
    },
  });
}

function problem({ status, code, detail, details, fields }: {
  readonly status: number;
  readonly code: Problem["code"];
  readonly detail: string;
  readonly details?: ErrorDetails;
  readonly fields: Readonly<Record<string, string>>;
}): Answer {
  const title = STATUS_TEXT[status] ?? "Refused";
  const body: Problem = { title, status, detail, code, ...details };
  return answer(status, body, {
    "content-type": "application/problem+json",
    // RFC 9110 §11.6.1 and RFC 6750 §3: a 401 says how to do better.
    ...(status === 401 && {
      "www-authenticate": code === "token_required"
        ? "Bearer"
        : 'Bearer error="invalid_token"',
    }),
    ...fields,
  });
}
