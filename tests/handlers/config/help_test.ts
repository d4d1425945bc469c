import { assertEquals, assertStringIncludes } from "@std/assert";
import { helpText } from "../../../handlers/config/help.ts";
import { allSettings, flagOf } from "../../../handlers/config/settings.ts";

Deno.test("helpText() tells every flag, in lines of 80 characters at most", () => {
  const lines = helpText().split("\n");
  const flags = lines.flatMap((line) => /^ {2}(--\S+)/.exec(line)?.[1] ?? []);
  assertEquals(flags, allSettings().map(([key]) => flagOf(key)));
  assertEquals(lines.filter((line) => [...line].length > 80), []);
});

Deno.test("helpText() tells what a flag does, and its default", () => {
  assertStringIncludes(
    helpText(),
    `
  --port PORT
      The port to listen on; 0 for any that is free. (8000)
`,
  );
});
