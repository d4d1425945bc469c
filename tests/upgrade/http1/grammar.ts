import { CHUNKS } from "./grammar_chunks.ts";
import { CONNECTION } from "./grammar_connection.ts";
import { FIELDS } from "./grammar_fields.ts";
import { FRAMING } from "./grammar_framing.ts";
import { HOSTS } from "./grammar_host.ts";
import { REQUEST_LINE } from "./grammar_request_line.ts";
import type { Rule } from "./grammar_rule.ts";
import { TARGET } from "./grammar_target.ts";

/** The whole grammar of a request, from its first byte to its last. */
export const GRAMMAR: readonly Rule[] = [
  ...REQUEST_LINE,
  ...TARGET,
  ...FIELDS,
  ...HOSTS,
  ...CONNECTION,
  ...FRAMING,
  ...CHUNKS,
];
