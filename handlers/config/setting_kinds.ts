import * as v from "valibot";
import { TrustedProxies } from "../../upgrade/mod.ts";
import { normalizeRoom } from "../chat/names.ts";
import type { Rate } from "../chat/token_bucket.ts";

/** What the values of a setting are. */
export interface SettingKind<Value> {
  /** What stands for a value in a text; none for what is true if it is there. */
  readonly placeholder: string | undefined;
  /** What a value has to be, as "It has to be …" goes on. */
  readonly allowed: string;
  /** Checks a value of the configuration file, and makes ours of it. */
  readonly schema: v.GenericSchema<unknown, Value>;
  /** What a flag or the environment says, as the file would say it. */
  fromText(text: string): unknown;
  /** The reverse of both. */
  toText(value: Value): string;
}

/** A whole number. */
export function wholeNumber(
  placeholder: string,
  { min, max }: { readonly min: number; readonly max?: number },
): SettingKind<number> {
  const allowed = max === undefined
    ? `a whole number from ${min} on`
    : `a whole number from ${min} to ${max}`;
  const most = max ?? Number.MAX_SAFE_INTEGER;
  return {
    placeholder,
    allowed,
    schema: v.pipe(
      v.number(allowed),
      v.safeInteger(allowed),
      v.minValue(min, allowed),
      v.maxValue(most, allowed),
    ),
    fromText: (text) => /^\d+$/.test(text) ? Number(text) : text,
    toText: String,
  };
}

/** A text that is not empty. */
export function text(
  placeholder: string,
  allowed: string,
): SettingKind<string> {
  return {
    placeholder,
    allowed,
    schema: v.pipe(v.string(allowed), v.minLength(1, allowed)),
    fromText: (text) => text,
    toText: (value) => value,
  };
}

/** The path of a file or a folder, from the working folder on. */
export function path(placeholder: string): SettingKind<string> {
  return text(placeholder, "a path");
}

/** `http:` or `https:`. */
export function httpUrl(): SettingKind<string> {
  const allowed = "a URL that begins with https:// or http://";
  return {
    ...text("URL", allowed),
    schema: v.pipe(
      v.string(allowed),
      v.url(allowed),
      v.regex(/^https?:/i, allowed),
    ),
  };
}

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
): SettingKind<Word> {
  const allowed = `one of ${words.join(", ")}`;
  return {
    placeholder: words.join("|"),
    allowed,
    schema: v.picklist(words, allowed),
    fromText: (text) => text,
    toText: (value) => value,
  };
}

/** Yes or no. */
export function yesOrNo(): SettingKind<boolean> {
  const allowed = "true or false";
  return {
    placeholder: undefined,
    allowed,
    schema: v.boolean(allowed),
    fromText: (text) =>
      text === "true" ? true : text === "false" ? false : text,
    toText: String,
  };
}

/** Several texts: an array in a file, with commas between them elsewhere. */
export function list(
  placeholder: string,
  allowed: string,
): SettingKind<readonly string[]> {
  return {
    placeholder: `${placeholder},…`,
    allowed,
    schema: v.array(
      v.pipe(v.string(allowed), v.minLength(1, allowed)),
      allowed,
    ),
    fromText: (text) => text.split(",").map((part) => part.trim()),
    toText: (values) => values.join(","),
  };
}

/** Networks that {@linkcode TrustedProxies} takes. */
export function networks(): SettingKind<readonly string[]> {
  const all = list("CIDR", "networks, such as 10.0.0.0/8 or unix");
  return {
    ...all,
    schema: v.pipe(
      all.schema,
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        try {
          new TrustedProxies(dataset.value);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          addIssue({ message: `${all.allowed}. ${error.message}` });
        }
      }),
    ),
  };
}

/** Names of rooms, as the protocol has them; they are normalised. */
export function roomNames(): SettingKind<readonly string[]> {
  const all = list("ROOM", "names of rooms that the protocol allows");
  return {
    ...all,
    schema: v.pipe(
      all.schema,
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        const rooms: string[] = [];
        for (const name of dataset.value) {
          const room = normalizeRoom(name);
          if (room === undefined) {
            addIssue({ message: all.allowed });
            return NEVER;
          }
          rooms.push(room);
        }
        return rooms;
      }),
    ),
  };
}

/** How often something may be done: `20:0.2`, or `off`. */
export function rate(): SettingKind<Rate> {
  const allowed = "BURST:SECONDS, such as 20:0.2, or off";
  return {
    placeholder: "BURST:SECONDS",
    allowed,
    schema: v.pipe(
      v.string(allowed),
      v.regex(/^(?:0*[1-9]\d{0,8}:\d{1,9}(?:\.\d{1,9})?|off)$/, allowed),
      v.transform(rateOf),
    ),
    fromText: (text) => text,
    toText: ({ burst, every }) => every === 0 ? "off" : `${burst}:${every}`,
  };
}

function rateOf(text: string): Rate {
  if (text === "off") return { burst: 1, every: 0 };
  const [burst, every] = text.split(":").map(Number);
  return { burst: burst!, every: every! };
}
