/**
 * Removes the file of a unix socket that a killed server has left, so that
 * `serve({ path })` can listen there. Resolves as well when there is no file.
 *
 * Rejects with `Deno.errors.AddrInUse` when a server answers there, or when the
 * file is no socket.
 *
 * ```ts
 * import { removeStaleSocket, serve } from "./mod.ts";
 *
 * async function serveAt(path: string) {
 *   await removeStaleSocket(path);
 *   return serve({ path }, () => new Response("hello"));
 * }
 * ```
 */
export async function removeStaleSocket(path: string): Promise<void> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    if ((await Deno.lstat(path)).isSocket) return await Deno.remove(path);
    throw new Deno.errors.AddrInUse(`There is a file at ${path}`);
  }
  throw new Deno.errors.AddrInUse(`A server listens on ${path}`);
}
