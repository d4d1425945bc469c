import type { ChatRequest, ChatRequestType } from "../client_messages.ts";
import type { ChatSession } from "../session.ts";
import type { Fields } from "./fields.ts";

/** What the server knows of one kind of request. */
export interface RequestKind<Request extends ChatRequest> {
  /** Checks its fields. Throws a `ChatRefusal` for the first wrong one. */
  parse(fields: Fields, ref: string | undefined): Request;
  /**
   * Carries it out and answers it; refuses by throwing a `ChatRefusal`. The
   * connection may have ended after each `await`.
   */
  handle(request: Request, session: ChatSession): void | Promise<void>;
}

/** The request of a type. */
export type RequestOf<Type extends ChatRequestType> = Extract<
  ChatRequest,
  { readonly type: Type }
>;

/** A kind for each of some types of requests. */
export type RequestKinds<Type extends ChatRequestType> = {
  readonly [Each in Type]: RequestKind<RequestOf<Each>>;
};
