export type * from "./client_messages.ts";
export type * from "./server_messages.ts";
