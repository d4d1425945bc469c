// @ts-types="./http_status.d.ts"
export * from "npm:deno-std@1.4.0/http/status.js";
// @ts-types="./http_etag.d.ts"
export * from "npm:deno-std@1.4.0/http/etag.js";
