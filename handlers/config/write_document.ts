/**
 * Writes `docs/configuration.md`: `deno task docs`.
 *
 * @module
 */

import { documentText } from "./document.ts";

const PAGE = new URL("../../docs/configuration.md", import.meta.url);

await Deno.writeTextFile(PAGE, documentText());
