import type { Handler } from "../upgrade/mod.ts";

/**
 * Says that the server runs: 200 with `{"status":"ok"}`, never cached.
 *
 * For load balancers and service managers.
 */
export const health: Handler = () =>
  Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
