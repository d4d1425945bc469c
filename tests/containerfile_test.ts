import { assertEquals, assertMatch } from "@std/assert";
import { TempFolder } from "./_temp_folder.ts";

const ROOT = new URL("../", import.meta.url);

/** What the container file says, by instruction; of several, the last one. */
async function instructions(): Promise<ReadonlyMap<string, string>> {
  const text = await Deno.readTextFile(new URL("Containerfile", ROOT));
  return new Map(
    text.replaceAll("\\\n", "").trim().split("\n").map((line) => {
      const [name, ...rest] = line.split(" ");
      return [name!, rest.join(" ")];
    }),
  );
}

/** The words of a command that is written as JSON. */
function wordsOf(instruction: string): readonly string[] {
  return JSON.parse(instruction.slice(instruction.indexOf("[")));
}

/** Copies what `COPY . .` does, with what `.containerignore` lets pass. */
async function copyAll(target: string): Promise<void> {
  const rules = await Deno.readTextFile(new URL(".containerignore", ROOT));
  const [all, ...kept] = rules.trim().split("\n");
  assertEquals(all, "*");
  for (const rule of kept) {
    assertMatch(rule, /^![\w.]+$/);
    await copy(new URL(rule.slice(1), ROOT).pathname, target + rule.slice(1));
  }
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) {
    return await Deno.copyFile(from, to);
  }
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(`${from}/${name}`, `${to}/${name}`);
  }
}

Deno.test("Containerfile makes a server that is healthy and stops in order", async () => {
  await using folder = new TempFolder();
  const app = folder.at("app/");
  const data = folder.at("data");
  await Deno.mkdir(app);
  await Deno.mkdir(data);
  await copyAll(app);
  const said = await instructions();
  const env = Object.fromEntries(
    said.get("ENV")!.split(" ").map((pair) => pair.split("=")),
  );
  assertEquals(env, {
    HOST: "0.0.0.0",
    PORT: "8000",
    SWITCHBOARD_DATA: "/data",
  });

  const isHealthy = async (port: string) => {
    const [deno, ...args] = wordsOf(said.get("HEALTHCHECK")!);
    const { code } = await new Deno.Command(deno!, {
      args,
      cwd: app,
      env: { PORT: port },
      stderr: "null",
    }).output();
    return code === 0;
  };
  const server = new Deno.Command("deno", {
    args: wordsOf(said.get("CMD")!).map((word) =>
      word.replaceAll("/data", data)
    ),
    cwd: app,
    // Any free port of this machine only.
    env: { HOST: "127.0.0.1", PORT: "0", SWITCHBOARD_DATA: data },
    stdout: "piped",
    // In a new folder, Deno speaks of packages of the tests.
    stderr: "null",
  }).spawn();
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value = "" } = await lines.read();
    const { port } = new URL(/http:\S+/.exec(value)![0]);
    assertEquals(await isHealthy(port), true);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assertMatch(await page.text(), /<title>Switchboard/);
    assertEquals((await Deno.stat(`${data}/chat.db`)).isFile, true);
    server.kill("SIGTERM");
    assertEquals((await server.status).code, 0);
    assertEquals(await isHealthy(port), false);
  } finally {
    try {
      server.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await lines.cancel();
  }
});

Deno.test("Containerfile, README.md and docs/running.md name the same Deno", async () => {
  const image = (await instructions()).get("FROM")!;
  const version = /:(\d+\.\d+\.\d+)$/.exec(image)![1]!;
  for (const page of ["README.md", "docs/running.md"]) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    const named = [...text.matchAll(/\bdeno@([\d.]+\d)/g)].map((found) =>
      found[1]
    );
    assertEquals([...new Set(named)], [version]);
  }
});
