import { assertEquals, assertMatch } from "@std/assert";
import * as v from "valibot";
import {
  allSettings,
  flagOf,
  variableOf,
} from "../../../handlers/config/settings.ts";

Deno.test("SETTINGS has flags and variables of its own for each", () => {
  const keys = allSettings().map(([key]) => key);
  assertEquals(new Set(keys.map(flagOf)).size, keys.length);
  assertEquals(new Set(keys.map(variableOf)).size, keys.length);
  for (const key of keys) {
    assertMatch(variableOf(key), /^(HOST|PORT|SWITCHBOARD_[A-Z][A-Z0-9_]+)$/);
  }
});

Deno.test("SETTINGS has no key that is the group of another one", () => {
  const keys = allSettings().map(([key]) => key);
  for (const key of keys) {
    assertEquals(keys.filter((other) => other.startsWith(`${key}.`)), []);
  }
});

Deno.test("SETTINGS has defaults that are allowed, and a sentence for each", () => {
  for (const [key, { kind, default: preset, words }] of allSettings()) {
    assertMatch(words, /^[A-Z].*\.$/, key);
    if (preset === undefined || preset.length === 0) continue;
    const said = kind.fromText(kind.toText(preset));
    assertEquals(v.parse(kind.schema, said), preset, key);
  }
});
