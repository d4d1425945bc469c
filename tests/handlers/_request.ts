import type { Handler } from "../../upgrade/mod.ts";

const address: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 1,
};

/** Gives a handler a request as the server would. */
export async function ask(
  handler: Handler,
  pathname: string,
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(`http://localhost${pathname}`, init);
  return await handler(request, { remoteAddr: address, localAddr: address });
}
