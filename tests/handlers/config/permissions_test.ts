import { assertEquals } from "@std/assert";
import {
  missingPermissions,
  neededPaths,
} from "../../../handlers/config/mod.ts";
import { configOf } from "./_config.ts";

Deno.test("neededPaths() names the data folder unless everything is in memory", () => {
  assertEquals(neededPaths({ config: configOf({}), configFile: undefined }), {
    read: [],
    readAndWrite: ["data"],
  });
  const config = configOf({ args: ["--memory", "--unix=s"] });
  assertEquals(neededPaths({ config, configFile: "c.json" }), {
    read: ["c.json"],
    readAndWrite: ["s"],
  });
});

Deno.test("neededPaths() names the files of keys that are used", () => {
  const files = [
    "--tls-cert=c",
    "--tls-key=k",
    "--jwt-secret-file=s",
  ];
  const read = (args: string[]) =>
    neededPaths({ config: configOf({ args }), configFile: undefined }).read;
  assertEquals(read(files), ["c", "k"]);
  assertEquals(read([...files, "--identity=jwt"]), ["c", "k", "s"]);
});

Deno.test("missingPermissions() tells nothing when all is allowed", () => {
  const needed = { read: ["c"], readAndWrite: ["data"] };
  const isAllowed = () => true;
  assertEquals(missingPermissions(needed, { args: [], isAllowed }), undefined);
});

Deno.test("missingPermissions() tells the command that allows what is not", () => {
  const needed = { read: ["it's"], readAndWrite: ["data"] };
  assertEquals(
    missingPermissions(needed, {
      args: ["--tls-cert", "it's"],
      isAllowed: (name, path) => path === "data" && name === "read",
    }),
    "There is no permission to use it's and data; this gives it: " +
      "deno run --allow-net '--allow-env=HOST,PORT,SWITCHBOARD_*' " +
      "--allow-read=static,'it'\\''s',data --allow-write=data main.ts " +
      "--tls-cert 'it'\\''s'",
  );
});
