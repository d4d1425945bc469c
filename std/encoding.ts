// @ts-types="./encoding.d.ts"
export * from "npm:deno-std@1.4.0/encoding/mod.js";
