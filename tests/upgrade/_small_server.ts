// A program: serves on a free port, which it prints, and prints what it is told
// of errors.
import { serve } from "../../upgrade/mod.ts";

const server = serve({
  port: 0,
  onError: (error) => console.log((error as Error).message),
}, () => new Response("a"));
console.log((server.addr as Deno.NetAddr).port);
