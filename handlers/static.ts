import type { Handler } from "../upgrade/mod.ts";
import { answerFile } from "./static/answer.ts";
import { REVALIDATED } from "./static/cache_lifetime.ts";
import type { ModificationTime } from "./static/conditions.ts";
import { chooseCoding } from "./static/content_coding.ts";
import { EntityTags, isSettled } from "./static/entity_tags.ts";
import { streamPart } from "./static/file_part.ts";
import { findFile, openFile } from "./static/folder.ts";

/**
 * The fields on every answer from {@linkcode serveFiles}: a page may use what
 * its own server has, and nothing else.
 */
export const SECURITY_FIELDS: Readonly<Record<string, string>> = {
  // CSP Level 3 §6.7.2.8: 'self' in connect-src covers ws: and wss: of the same
  // host and port. Current Chromium and Firefox do so.
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Makes a handler that serves the files of a folder.
 *
 * A pathname that ends in `/` means the `index.html` there. Only what lies in
 * the folder is served: no dot files, no symbolic link that leads out of it,
 * and no pathname that hides a separator or a dot in an escape. Folders are not
 * listed. All of these are 404, and methods but `GET` and `HEAD` are 405.
 *
 * - A client that has the file is answered 304, one whose condition fails 412:
 *   by `ETag`, or by `Last-Modified` (RFC 9110 §13). {@linkcode EntityTags}
 *   tells how the tags are made.
 * - `GET` with one `Range` is answered 206 or 416; several are ignored
 *   (RFC 9110 §14). `If-Range` takes a strong tag, or the date of a file that
 *   has no variants, since these may share it.
 * - `app.js.br` and `app.js.gz` are sent in place of `app.js` to clients that
 *   accept the coding, unless they are older. A file that has such variants has
 *   `Vary: Accept-Encoding` on all answers.
 * - {@linkcode cacheLifetime} tells which names a client keeps without asking.
 *
 * Replace a served file by renaming another to its name. One that is
 * overwritten may reach a client half old and half new; one that shrinks while
 * it is sent cuts the connection.
 *
 * Throws what `Deno.realPathSync` throws when the folder is not there. A file
 * that the server may not read is the operator's mistake, not the client's: the
 * handler rejects, and the server answers 500.
 *
 * @param folder The folder; a path, or a `file:` URL.
 */
export function serveFiles(folder: string | URL): Handler {
  const root = Deno.realPathSync(folder);
  const tags = new EntityTags();

  return async function serveFile(request) {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain(405, "Files can only be read.\n", { allow: "GET, HEAD" });
    }
    const found = await findFile(root, new URL(request.url).pathname);
    if (found === undefined) return plain(404, "There is no such file.\n");
    const { name, variants } = found;
    const accepted = request.headers.get("accept-encoding");
    const coding = chooseCoding(accepted, [...variants.keys()]);
    const path = coding && variants.get(coding) || found.path;

    using cleanup = new DisposableStack();
    const file = await openFile(path);
    if (file === undefined) return plain(404, "There is no such file.\n");
    cleanup.use(file);
    const info = await file.stat();
    const { status, fields, part, text } = answerFile(request, {
      name,
      coding,
      size: info.size,
      etag: await tags.of(file, { path, info }),
      modified: modificationTime(info),
      hasVariants: variants.size > 0,
    });
    if (text !== undefined) return plain(status, text, fields);
    const headers = { ...SECURITY_FIELDS, ...fields };
    if (part === undefined || request.method === "HEAD") {
      return new Response(null, { status, headers });
    }
    cleanup.move(); // The stream closes the file.
    return new Response(streamPart(file, part), { status, headers });
  };
}

function modificationTime(
  { mtime }: Deno.FileInfo,
): ModificationTime | undefined {
  if (mtime === null) return undefined;
  return {
    time: Math.floor(mtime.getTime() / 1_000) * 1_000,
    settled: isSettled(mtime, Date.now()),
  };
}

function plain(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: {
      ...SECURITY_FIELDS,
      "cache-control": REVALIDATED,
      "content-type": "text/plain; charset=utf-8",
      ...headers,
    },
  });
}
