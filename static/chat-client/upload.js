// @ts-check

import { ChatError } from "./errors.js";

/** @import { UploadProgress } from "./types.d.ts" */
/** @import { AttachmentInfo } from "./wire.d.ts" */

/**
 * @typedef {object} Upload
 * @property {URL} target
 * @property {Readonly<Record<string, string>>} headers
 * @property {AbortSignal | undefined} signal
 * @property {((progress: UploadProgress) => void) | undefined} onProgress
 */

/** @typedef {{ status: number, text: string }} UploadAnswer */

/**
 * What is used of a browser's XMLHttpRequest: other programs know none.
 *
 * @typedef {object} BrowserRequest
 * @property {number} status
 * @property {string} responseText
 * @property {{ onprogress: (progress: UploadProgress) => void }} upload
 * @property {() => void} onload
 * @property {() => void} onerror
 * @property {() => void} onabort
 * @property {(method: string, url: URL) => void} open
 * @property {(name: string, value: string) => void} setRequestHeader
 * @property {(body: Blob) => void} send
 * @property {() => void} abort
 */

/**
 * @param {Blob} file
 * @param {object} options
 * @param {URL} options.url the chat's
 * @param {string} options.name
 * @param {string} options.secret of the session, or a token
 * @param {AbortSignal | undefined} [options.signal]
 * @param {((progress: UploadProgress) => void) | undefined} [options.onProgress]
 * @returns {Promise<AttachmentInfo>}
 */
export async function uploadFile(file, { url, name, secret, ...options }) {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const target = new URL("/api/v1/uploads", url);
  target.protocol = url.protocol === "wss:" ? "https:" : "http:";
  target.searchParams.set("name", name);
  const headers = {
    "authorization": `Bearer ${secret}`,
    "content-type": file.type || "application/octet-stream",
  };
  // Only where there is one; and fetch() tells nothing of what it has sent.
  const post = onProgress !== undefined && "XMLHttpRequest" in globalThis
    ? postAndTell
    : postFile;
  const { status, text } = await post(file, {
    target,
    headers,
    signal,
    onProgress,
  }).catch((cause) => {
    signal?.throwIfAborted();
    throw ChatError.local("upload_failed", { cause });
  });
  const answer = parse(text);
  if (status >= 200 && status < 300 && answer !== undefined) {
    onProgress?.({ loaded: file.size, total: file.size });
    return answer;
  }
  throw typeof answer?.code === "string"
    ? ChatError.of(answer)
    : ChatError.local("upload_failed", { cause: status });
}

/**
 * @param {Blob} file
 * @param {Upload} upload
 * @returns {Promise<UploadAnswer>}
 */
async function postFile(file, { target, headers, signal }) {
  const response = await fetch(target, {
    method: "POST",
    headers,
    body: file,
    signal: signal ?? null,
  });
  return { status: response.status, text: await response.text() };
}

/**
 * @param {Blob} file
 * @param {Upload} upload
 * @returns {Promise<UploadAnswer>}
 */
function postAndTell(file, { target, headers, signal, onProgress }) {
  const { XMLHttpRequest } =
    /** @type {{ XMLHttpRequest: new () => BrowserRequest }} */ (
      /** @type {unknown} */ (globalThis)
    );
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  signal?.addEventListener("abort", abort);
  /** @type {Promise<UploadAnswer>} */
  const answered = new Promise((resolve, reject) => {
    request.onload = () =>
      resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new TypeError("The connection was lost."));
    request.onabort = () => reject(signal?.reason);
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress?.({ loaded, total });
  });
  request.open("POST", target);
  for (const [field, value] of Object.entries(headers)) {
    request.setRequestHeader(field, value);
  }
  request.send(file);
  return answered.finally(() => signal?.removeEventListener("abort", abort));
}

/**
 * @param {string} text
 * @returns {any} `undefined` if it is no JSON
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
