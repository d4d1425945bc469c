import type { Chat } from "../chat/mod.ts";
import type { Fields } from "../chat/requests/fields.ts";
import type { TokenScope } from "../chat/token_scopes.ts";
import type { Uploads } from "../files/mod.ts";
import type { Answer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Schema, SchemaName } from "./schemas.ts";

/** One thing that can be asked of the API: what routes, and what is told of it. */
export interface Operation {
  /** Its name for programs that are made of the description. */
  readonly id: string;
  /** The method; `GET` answers `HEAD` as well. */
  readonly method: "GET" | "POST";
  /** The path below `/api/v1`; a segment in braces is a parameter. */
  readonly path: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** What a caller has to be allowed; absent: everybody may ask it. */
  readonly scope?: TokenScope;
  /** Whether a token for one room may be used where the path names none. */
  readonly forRoomTokens?: true;
  /** Parameters in the query. */
  readonly query?: Readonly<Record<string, Parameter>>;
  /** Parameters in the header fields. */
  readonly headers?: Readonly<Record<string, Parameter>>;
  /** The body: JSON of that schema, or any bytes. Absent: there is none. */
  readonly body?: SchemaName | "bytes";
  /** Answers by status, but for refusals. */
  readonly answers: Readonly<Record<number, ExpectedAnswer>>;
  /** Carries it out; refuses by throwing. */
  handle(call: Call): Promise<Answer> | Answer;
}

/** A parameter of the query or of the header fields. */
export interface Parameter {
  /** What it means. */
  readonly description: string;
  /** What it may be. */
  readonly schema: Schema;
  /** Whether it has to be there. */
  readonly required?: true;
}

/** What an answer has. */
export interface ExpectedAnswer {
  /** When it is given. */
  readonly description: string;
  /** Its body; absent: it has none. */
  readonly body?: SchemaName;
  /** Whether it has a `Location`. */
  readonly location?: true;
}

/** A request to be carried out. */
export interface Call {
  /** The chat. */
  readonly chat: Chat;
  /** The files. */
  readonly uploads: Uploads;
  /** The request; its body is unread if the operation takes bytes. */
  readonly request: Request;
  /** Who makes it; nobody where no scope is needed. */
  readonly caller: Caller;
  /**
   * Parameters of the path and the query, and the fields of the body, none of
   * them checked. Those of the path win.
   */
  readonly fields: Fields;
}
