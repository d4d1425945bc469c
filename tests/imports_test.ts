import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** The layers, outermost first: a file imports from its own and inner ones. */
const LAYERS = [
  { name: "main", folder: "main.ts" },
  { name: "chat", folder: "handlers/chat/" },
  { name: "handlers", folder: "handlers/" },
  { name: "websocket", folder: "upgrade/websocket/" },
  { name: "http1", folder: "upgrade/http1/" },
  { name: "upgrade", folder: "upgrade/" },
] as const;

type Layer = typeof LAYERS[number]["name"];

const ALLOWED: Readonly<Record<Layer, readonly Layer[]>> = {
  main: ["main", "handlers", "upgrade"],
  handlers: ["handlers", "chat", "websocket", "upgrade"],
  chat: ["chat"],
  websocket: ["websocket", "upgrade", "http1"],
  upgrade: ["upgrade", "http1"],
  http1: ["http1"],
};

function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ folder }) => path.startsWith(folder))?.name;
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const pattern = /^(?:import|export)\s(?:[\w*{},\s]*?\sfrom\s)?"([^"]+)"/gm;
  return [...code.matchAll(pattern)].map((match) => match[1]!);
}

async function allImports(): Promise<{ from: string; to: string }[]> {
  const imports = [];
  const files = [new URL("main.ts", ROOT)];
  for (const folder of ["handlers/", "upgrade/"]) {
    for await (const file of sources(new URL(folder, ROOT))) files.push(file);
  }
  for (const file of files) {
    const from = file.pathname.slice(ROOT.pathname.length);
    for (const specifier of importsOf(await Deno.readTextFile(file))) {
      const to = specifier.startsWith(".")
        ? new URL(specifier, file).pathname.slice(ROOT.pathname.length)
        : specifier;
      imports.push({ from, to });
    }
  }
  return imports;
}

Deno.test("imports go one way: main, handlers, upgrade, http1", async () => {
  const imports = await allImports();
  assert(imports.length > 50);
  const wrong = imports.filter(({ from, to }) => {
    const target = layerOf(to);
    return target !== undefined && !ALLOWED[layerOf(from)!].includes(target);
  });
  assertEquals(wrong, []);
});

/** Which files use other people's code, besides std. */
const DEPENDENCIES: Readonly<Record<string, string>> = {
  "jose": "handlers/chat/identity/",
  "valibot": "handlers/config/",
};

Deno.test("imports of std go through its door, others are where they belong", async () => {
  const wrong = (await allImports()).filter(({ from, to }) => {
    if (layerOf(to) !== undefined || /^(@std\/|node:)/.test(to)) return false;
    const folder = DEPENDENCIES[to];
    return folder === undefined || !from.startsWith(folder);
  });
  assertEquals(wrong, []);
});

Deno.test("protocol code has no I/O: http1, http2 and the framer await nothing and know no Deno", async () => {
  const drivers = [
    "accept.ts",
    "conn.ts",
    "conn_driver.ts",
    "connect.ts",
    "connect_attempt.ts",
    "delivery.ts",
    "dial.ts",
    "frame_writer.ts",
    "inbox.ts",
    "incoming_streams.ts",
    "kept_response.ts",
    "linger.ts",
    "message_pipe.ts",
    "outbox.ts",
    "pings.ts",
    "streamed_message.ts",
    "web_streams.ts",
    "websocket_adapter.ts",
  ];
  const wrong = [];
  for (
    const folder of [
      "upgrade/http1/",
      "upgrade/http2/",
      "upgrade/websocket/",
    ]
  ) {
    for await (const file of sources(new URL(folder, ROOT))) {
      const name = file.pathname.split("/").at(-1)!;
      if (folder === "upgrade/websocket/" && drivers.includes(name)) continue;
      const code = (await Deno.readTextFile(file))
        .replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*/g, "");
      if (/\bawait\b|\basync\b|\bDeno\./.test(code)) wrong.push(name);
    }
  }
  assertEquals(wrong, []);
});
