import { type Chat, ChatRefusal, StoreError } from "../chat/mod.ts";
import { MORE_LIMITS } from "../chat/limits.ts";
import { mustNotBeTooFast } from "../chat/operations/rates.ts";
import { isFileName } from "../chat/requests/fields.ts";
import { readFileName } from "../files/content_disposition.ts";
import { FileTooLargeError, NoSpaceError } from "../files/mod.ts";
import { answer } from "./answer.ts";
import { mediaType, mustNotBeEncoded, mustNotBeLarger } from "./json_body.ts";
import type { Call, Operation } from "./operation.ts";
import { ApiRefusal } from "./problem.ts";

/** Files. */
export const UPLOAD_OPERATIONS: readonly Operation[] = [
  {
    id: "uploadFile",
    method: "POST",
    path: "/uploads",
    summary:
      "Keeps a file, which messages may have then. One that none has is forgotten after a day.",
    scope: "uploads:write",
    forRoomTokens: true,
    query: {
      name: {
        description: "The file's name, if no `Content-Disposition` has it.",
        schema: {
          type: "string",
          minLength: 1,
          maxLength: MORE_LIMITS.fileName,
        },
      },
    },
    headers: {
      "Content-Disposition": {
        description: "The file's name, as `filename*` or `filename`.",
        schema: { type: "string" },
      },
    },
    body: "bytes",
    answers: {
      201: { description: "The file.", body: "Attachment", location: true },
    },
    async handle(call) {
      const { uploads, chat, caller, request } = call;
      const { address, person } = caller.actor;
      if (uploads.maxBytes === 0) throw new ChatRefusal("not_offered");
      const name = nameOf(call);
      mustNotBeEncoded(request);
      // A form around the file would be kept as a part of it.
      if (mediaType(request).startsWith("multipart/")) {
        throw new ApiRefusal("unsupported_media_type");
      }
      mustNotBeLarger(request, uploads.maxBytes);
      mustNotBeTooFast(chat, caller.actor, "uploads");
      const kept = await refusing(chat, () =>
        uploads.take(request.body ?? [], {
          name,
          claimedType: request.headers.get("content-type"),
          person: person.id,
          address,
        }));
      return answer(201, kept, {
        location: `/files/${kept.hash}/${encodeURIComponent(name)}`,
      });
    },
  },
];

function nameOf({ fields, request }: Call): string {
  const field = request.headers.get("content-disposition");
  const name = (field === null ? undefined : readFileName(field)) ??
    fields.name ?? "file";
  if (!isFileName(name)) {
    throw new ChatRefusal("invalid_field", { field: "name" });
  }
  return name;
}

async function refusing<Value>(
  chat: Chat,
  action: () => Promise<Value>,
): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    // Not the share of the disk that files may have, but the disk is full.
    if (error instanceof NoSpaceError && error.cause !== undefined) {
      chat.report(new StoreError("full", { cause: error.cause }));
    }
    if (error instanceof FileTooLargeError || error instanceof NoSpaceError) {
      throw new ApiRefusal(error.code);
    }
    throw error;
  }
}
