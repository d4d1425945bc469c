// @ts-check

import { ChatError } from "./errors.js";

/** @import { AttachmentInfo } from "./wire.d.ts" */

/**
 * @param {Blob} file
 * @param {{ url: URL, name: string, secret: string, signal?: AbortSignal | undefined }} options
 * the chat's URL; the secret of the session, or a token
 * @returns {Promise<AttachmentInfo>}
 */
export async function uploadFile(file, { url, name, secret, signal }) {
  const target = new URL("/api/v1/uploads", url);
  target.protocol = url.protocol === "wss:" ? "https:" : "http:";
  target.searchParams.set("name", name);
  const response = await fetch(target, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${secret}`,
      "content-type": file.type || "application/octet-stream",
    },
    body: file,
    signal: signal ?? null,
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw typeof answer?.code === "string"
    ? ChatError.of(answer)
    : ChatError.local("upload_failed", { cause: response.status });
}
