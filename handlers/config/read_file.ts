import { parse } from "@std/jsonc";
import { ConfigError } from "./config_error.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

/**
 * Reads what a configuration file says of settings: JSON with comments, in which
 * the dots of keys are objects within objects. The values are not checked yet.
 * Throws a {@linkcode ConfigError} that names the file.
 */
export function readFile(
  text: string,
  file: string,
): ReadonlyMap<SettingKey, unknown> {
  let root: unknown;
  try {
    root = parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new ConfigError(
      "not_json",
      `Cannot read ${file}: ${cause.message}.`,
      { cause },
    );
  }
  if (!isObject(root)) {
    throw new ConfigError(
      "not_json",
      `Cannot read ${file}: it has to be a JSON object.`,
    );
  }
  const values = new Map<SettingKey, unknown>();
  gather(root, "");
  return values;

  function gather(object: Readonly<Record<string, unknown>>, prefix: string) {
    for (const [name, value] of Object.entries(object)) {
      const key = prefix + name;
      if (Object.hasOwn(SETTINGS, key)) values.set(key as SettingKey, value);
      else if (!GROUPS.has(key)) {
        throw new ConfigError(
          "unknown_setting",
          `There is no setting "${key}", which ${file} has.`,
          { key },
        );
      } else if (isObject(value)) gather(value, `${key}.`);
      else {
        throw new ConfigError(
          "wrong_value",
          `Cannot use "${key}" of ${file}: it has to be an object.`,
          { key },
        );
      }
    }
  }
}

/** `limits` and `limits.messages` of `limits.messages.person`. */
const GROUPS: ReadonlySet<string> = new Set(
  Object.keys(SETTINGS).flatMap((key) => {
    const names = key.split(".");
    return names.slice(1).map((_, i) => names.slice(0, i + 1).join("."));
  }),
);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
