import { assertEquals } from "@std/assert";
import {
  documentExample,
  documentText,
} from "../../../handlers/config/document.ts";
import { allSettings } from "../../../handlers/config/settings.ts";
import { configOf } from "./_config.ts";

const PAGE = new URL("../../../docs/configuration.md", import.meta.url);

async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command("deno", {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

Deno.test("documentText() is docs/configuration.md: `deno task docs` writes it anew", async () => {
  assertEquals(
    await Deno.readTextFile(PAGE),
    await formatted(documentText()),
  );
});

Deno.test("documentText() has one row for each setting", () => {
  const keys = documentText().split("\n")
    .flatMap((line) => /^\| `([^`]+)` \| /.exec(line)?.[1] ?? []);
  assertEquals(keys, allSettings().map(([key]) => key));
});

Deno.test("documentExample() is a configuration", () => {
  const config = configOf({ file: documentExample() });
  assertEquals(config.port, 443);
  assertEquals(config["rooms.default"], ["lobby", "help"]);
  assertEquals(config["limits.messages.person"], { burst: 5, every: 2 });
});
