import type { Handler } from "../upgrade/mod.ts";

/** One line of a routing table: see {@linkcode route}. */
export interface Route {
  /** The method in capitals; `GET` answers `HEAD` as well. */
  readonly method: string;
  /** An exact pathname, or a pathname pattern of `URLPattern`. */
  readonly pathname: string;
  /** What answers. */
  readonly handler: Handler;
}

/**
 * Makes one line of a routing table.
 *
 * @example
 * ```ts
 * import { createRouter, route } from "./router.ts";
 *
 * const handler = createRouter([
 *   route("GET", "/healthz", () => new Response("ok")),
 *   route("GET", "/users/:id", () => new Response("a user")),
 * ]);
 * ```
 */
export function route(
  method: string,
  pathname: string,
  handler: Handler,
): Route {
  return { method, pathname, handler };
}

/** The routes of one pathname, by method. */
type Methods = Map<string, Handler>;

/**
 * Makes one handler of a routing table.
 *
 * An exact pathname is found first, whatever its place in the table; patterns
 * are tried in order. A route with another method does not end the search. A
 * pathname without any route is 404; one without a route for the method is
 * 405 with `Allow` (RFC 9110 §15.5.6). `HEAD` is answered by the route for
 * `GET`, whose body the server leaves out; `OPTIONS` is answered with 204 and
 * `Allow` (RFC 9110 §9.3.7), unless a route is for `OPTIONS` itself.
 *
 * Throws a `TypeError` when a pattern is invalid.
 */
export function createRouter(routes: readonly Route[]): Handler {
  const exact = new Map<string, Methods>();
  const patterns = new Map<string, { pattern: URLPattern; methods: Methods }>();
  for (const { method, pathname, handler } of routes) {
    const methods = isExact(pathname)
      ? entry(exact, pathname, () => new Map())
      : entry(patterns, pathname, () => ({
        pattern: new URLPattern({ pathname }),
        methods: new Map(),
      })).methods;
    if (!methods.has(method)) methods.set(method, handler);
  }

  return function router(request, info) {
    const pathname = pathnameOf(request.url);
    const here = exact.get(pathname);
    const found = here && handlerFor(here, request.method);
    if (found) return found(request, info);

    const seen = here ? [here] : [];
    for (const { pattern, methods } of patterns.values()) {
      if (!pattern.test({ pathname })) continue;
      const found = handlerFor(methods, request.method);
      if (found) return found(request, info);
      seen.push(methods);
    }
    if (seen.length === 0) return plain(404, "There is nothing here.\n");
    const allow = allowed(seen);
    if (request.method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { allow } });
    }
    return plain(405, `This page answers ${allow} only.\n`, { allow });
  };
}

function entry<Value>(
  map: Map<string, Value>,
  key: string,
  make: () => Value,
): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

/** Whether a pathname means only itself to `URLPattern`. */
function isExact(pathname: string): boolean {
  return !/[:*?+(){}\\]/.test(pathname);
}

/** The pathname of a request's URL, as it stands there. */
function pathnameOf(url: string): string {
  // A Request's URL is absolute and normalised, so searching it is enough and
  // takes a tenth of the time of `new URL`.
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

function handlerFor(methods: Methods, method: string): Handler | undefined {
  return methods.get(method) ??
    (method === "HEAD" ? methods.get("GET") : undefined);
}

function allowed(seen: readonly Methods[]): string {
  const names = new Set(seen.flatMap((methods) => [...methods.keys()]));
  if (names.has("GET")) names.add("HEAD");
  names.add("OPTIONS");
  return [...names].join(", ");
}

function plain(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
