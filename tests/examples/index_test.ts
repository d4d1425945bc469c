import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { readIndex } from "./_example.ts";

const FOLDER = new URL("../../examples/", import.meta.url);

Deno.test("examples/README.md lists every file of its folder, once", async () => {
  const files = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (name !== "README.md") files.push(name);
  }
  const listed = (await readIndex()).map(({ file }) => file);
  assertEquals(listed.toSorted(), files.toSorted());
});

Deno.test("examples/README.md has the command that each file begins with", async () => {
  for (const { file, command } of await readIndex()) {
    const source = await Deno.readTextFile(new URL(file, FOLDER));
    const comment = /^\/\*\*\n([\s\S]*?)\*\//.exec(source)?.[1] ?? "";
    assertEquals(/^ \* (deno .*)$/m.exec(comment)?.[1], command);
  }
});

Deno.test("examples/README.md has no command that allows everything", async () => {
  for (const { command } of await readIndex()) {
    assert(!/ (-A|--allow-all|--allow-(run|ffi))\b/.test(command), command);
  }
});

Deno.test("examples import what this package exports, and no more", async () => {
  const doors = Object.values(config.exports).map((path) => `.${path}`);
  for (const { file } of await readIndex()) {
    const source = await Deno.readTextFile(new URL(file, FOLDER));
    for (const [, from] of source.matchAll(/^.* from "(.+)";$/gm)) {
      assert(from === "@std/cli" || doors.includes(from!), `${file}: ${from}`);
    }
  }
});
