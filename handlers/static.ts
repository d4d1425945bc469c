import { eTag, ifNoneMatch } from "@std/http";
import { contentType } from "@std/media-types";
import type { Handler } from "../upgrade/mod.ts";

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
 * Files carry a weak `ETag` of their size and time, and are revalidated by it:
 * 304 when `If-None-Match` names it (RFC 9110 §13.1.2).
 *
 * Throws what `Deno.realPathSync` throws when the folder is not there. A file
 * that the server may not read is the operator's mistake, not the client's: the
 * handler rejects, and the server answers 500.
 *
 * @param folder The folder; a path, or a `file:` URL.
 */
export function serveFiles(folder: string | URL): Handler {
  const root = Deno.realPathSync(folder);

  return async function serveFile(request) {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain(405, "Files can only be read.\n", { allow: "GET, HEAD" });
    }
    using cleanup = new DisposableStack();
    const found = await openFile(root, new URL(request.url).pathname);
    if (found === undefined) return plain(404, "There is no such file.\n");
    const { path, file } = found;
    cleanup.use(file);
    const info = await file.stat();
    const headers = new Headers(SECURITY_FIELDS);
    headers.set("cache-control", "no-cache");
    const etag = await eTag(info);
    if (etag !== undefined) headers.set("etag", etag);
    if (!ifNoneMatch(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    headers.set("content-type", typeOf(path));
    headers.set("content-length", String(info.size));
    if (request.method === "HEAD") return new Response(null, { headers });
    cleanup.move(); // The stream closes the file, read to its end or cancelled.
    return new Response(file.readable, { headers });
  };
}

/** Opens the file that a pathname means, if it may be served. */
async function openFile(
  root: string,
  pathname: string,
): Promise<{ path: string; file: Deno.FsFile } | undefined> {
  const relative = relativePath(pathname);
  if (relative === undefined) return undefined;
  try {
    const path = await Deno.realPath(`${root}/${relative}`);
    if (!path.startsWith(root === "/" ? root : `${root}/`)) return undefined;
    // Asked before opening: to open a pipe would wait for its writer.
    if (!(await Deno.stat(path)).isFile) return undefined;
    return { path, file: await Deno.open(path) };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** The path below the folder that a pathname means, if it is a harmless one. */
function relativePath(pathname: string): string | undefined {
  const wanted = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const segments: string[] = [];
  for (const encoded of wanted.slice(1).split("/")) {
    const segment = decode(encoded);
    // The dot stands for "..", "." and dot files at once.
    if (!segment || segment.startsWith(".") || /[/\\\0]/.test(segment)) {
      return undefined;
    }
    segments.push(segment);
  }
  return segments.join("/");
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Whether an error means that there is no such file. */
function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop ||
    (error instanceof Error && "code" in error &&
      error.code === "ENAMETOOLONG");
}

function typeOf(path: string): string {
  const extension = /\.[^./]+$/.exec(path)?.[0];
  return extension && contentType(extension) || "application/octet-stream";
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
      "cache-control": "no-cache",
      "content-type": "text/plain; charset=utf-8",
      ...headers,
    },
  });
}
