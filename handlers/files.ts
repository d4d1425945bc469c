import type { Handler } from "../upgrade/mod.ts";
import { isFileName } from "./chat/requests/fields.ts";
import { contentDisposition } from "./files/content_disposition.ts";
import { isShown, UNKNOWN_TYPE } from "./files/file_type.ts";
import type { Uploads } from "./files/mod.ts";
import { answerFile } from "./static/answer.ts";
import { REVALIDATED } from "./static/cache_lifetime.ts";

/**
 * The fields on every answer: what people send is shown where it can do nothing,
 * if at all, and is never taken for anything else than it is.
 */
const SECURITY_FIELDS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; frame-ancestors 'none'; sandbox",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A file never changes, but it is for those only who know its address. */
const LIFETIME = "private, max-age=31536000, immutable";

/**
 * Makes the handler of `/files/<hash>/<name>`: the files that people have sent.
 *
 * Whoever knows the address may read the file, as one that has seen a message
 * does: nobody can guess it. Pictures and films of a few safe types are shown by
 * browsers; all other files are saved, under the name in the address, and have
 * the type `application/octet-stream`. Conditions and one range are honoured as
 * by `serveFiles()`.
 */
export function createFiles(uploads: Uploads): Handler {
  return async function serveUpload(request) {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain(405, "Files can only be read.\n", { allow: "GET, HEAD" });
    }
    const place = placeOf(new URL(request.url).pathname);
    const found = place && await uploads.find(place.hash);
    if (found === undefined) return plain(404, "There is no such file.\n");

    using cleanup = new DisposableStack();
    const file = cleanup.use(found.file);
    const { hash, name } = place!;
    const shown = isShown(found.type);
    const { status, fields, part, text } = answerFile(request, {
      name,
      type: shown ? found.type : UNKNOWN_TYPE,
      lifetime: LIFETIME,
      size: file.size,
      etag: `"${hash}"`,
      hasVariants: false,
    });
    if (text !== undefined) return plain(status, text, fields);
    const headers = {
      ...SECURITY_FIELDS,
      ...fields,
      "content-disposition": contentDisposition(
        shown ? "inline" : "attachment",
        name,
      ),
    };
    if (part === undefined || request.method === "HEAD") {
      return new Response(null, { status, headers });
    }
    cleanup.move(); // The stream closes the file.
    return new Response(file.read(part), { status, headers });
  };
}

/** The hash and the name of a pathname, if it has both. */
function placeOf(
  pathname: string,
): { readonly hash: string; readonly name: string } | undefined {
  const [, , hash, escaped, ...more] = pathname.split("/");
  if (hash === undefined || escaped === undefined || more.length > 0) {
    return undefined;
  }
  const name = decode(escaped);
  return isFileName(name) ? { hash, name } : undefined;
}

function decode(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
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
