/** The content codings that are looked for beside a file, the best first. */
export const CONTENT_CODINGS = [
  { name: "br", extension: ".br" },
  { name: "gzip", extension: ".gz" },
] as const;

/** The name of a content coding as in `Content-Encoding`. */
export type ContentCoding = typeof CONTENT_CODINGS[number]["name"];

const WEIGHTED =
  /^(?<name>[\w!#$%&'*+.^`|~-]+)(?:[ \t]*;[ \t]*q=(?<weight>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * Chooses a content coding by an `Accept-Encoding` field (RFC 9110 §12.5.3);
 * `undefined` means to send the file as it is.
 *
 * The client's weights come first, then the order of `available`: browsers list
 * gzip before Brotli, but do not mean that by it. No coding is forced on who
 * sends no field, and who forbids everything gets the file as it is.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseCoding } from "./content_coding.ts";
 *
 * assertEquals(chooseCoding("gzip, deflate, br", ["br", "gzip"]), "br");
 * assertEquals(chooseCoding("br;q=0.5, gzip", ["br", "gzip"]), "gzip");
 * assertEquals(chooseCoding("identity", ["br", "gzip"]), undefined);
 * ```
 *
 * @param field The field's value, or `null` if there is none.
 * @param available What the file is there in, the best first.
 */
export function chooseCoding(
  field: string | null,
  available: readonly ContentCoding[],
): ContentCoding | undefined {
  const weights = readWeights(field ?? "");
  const weightOf = (name: string) => weights.get(name) ?? weights.get("*") ?? 0;
  let chosen: ContentCoding | undefined;
  let best = 0;
  for (const name of available) {
    if (weightOf(name) <= best) continue;
    chosen = name;
    best = weightOf(name);
  }
  return weightOf("identity") > best ? undefined : chosen;
}

/** The weights by name in lower case; members that are malformed are left out. */
function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(",")) {
    const groups = WEIGHTED.exec(member.trim())?.groups;
    if (groups === undefined) continue;
    const name = groups.name!.toLowerCase();
    // RFC 9110 §8.4.1.3: "x-gzip" is another name of it.
    weights.set(
      name === "x-gzip" ? "gzip" : name,
      Number(groups.weight ?? 1),
    );
  }
  return weights;
}
