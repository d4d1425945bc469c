import { assert, assertEquals } from "@std/assert";

const PAGE = new URL("../docs/from-hyper.md", import.meta.url);

/** A title as a test file has it: its own words, and what is put between. */
type Title = readonly string[];

/** The rows of the page's tables, cell by cell. */
async function readRows(): Promise<string[][]> {
  const lines = (await Deno.readTextFile(PAGE)).split("\n");
  return lines
    .filter((line, at) =>
      line.startsWith("| ") && !lines[at + 1]!.startsWith("| -")
    )
    .map((line) => line.slice(1, -1).split(" | ").map((cell) => cell.trim()))
    .filter(([first]) => !/^-+$/.test(first!));
}

function titlesOf(source: string): Title[] {
  const titles = source.matchAll(/^ *Deno\.test\(\s*(["`])(.*)\1,/gm);
  return Array.from(titles, ([, , title]) => title!.split(/\$\{.*?\}/));
}

/** Whether a title is this one; what stands between its words is in the file. */
function isTitle(title: string, words: Title, source: string): boolean {
  const pattern = words.map((word) => RegExp.escape(word)).join("(.+?)");
  const match = new RegExp(`^${pattern}$`).exec(title);
  return match?.slice(1).every((part) => source.includes(part)) ?? false;
}

Deno.test("docs/from-hyper.md names for each item a test that exists", async () => {
  const rows = await readRows();
  assert(rows.length > 30);
  const missing = [];
  for (const [item, , cell = ""] of rows) {
    const link = /^\[(.+)\]\((.+_test\.ts)\)$/.exec(cell);
    const source = link && await Deno.readTextFile(new URL(link[2]!, PAGE));
    const isThere = source !== null &&
      titlesOf(source).some((words) => isTitle(link![1]!, words, source));
    if (!isThere) missing.push([item, cell]);
  }
  assertEquals(missing, []);
});

Deno.test("docs/from-hyper.md names only what this package exports", async () => {
  const names = (await Deno.readTextFile(PAGE)).matchAll(
    /`(on[A-Z]\w*|(?:send|connect|is)[A-Z]\w*|serve(?:Conn)?|upgrades)\(/g,
  );
  const exported = Object.keys(await import("../mod.ts"));
  const called = new Set(Array.from(names, ([, name]) => name!));
  assertEquals([...called].filter((name) => !exported.includes(name)), []);
});

Deno.test("docs/from-hyper.md leads to files that are there", async () => {
  const links = (await Deno.readTextFile(PAGE)).matchAll(
    /\]\((?!https:)(.+?)\)/g,
  );
  for (const [, path] of links) await Deno.stat(new URL(path!, PAGE));
});
