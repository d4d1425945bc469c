import { foldForms } from "./fold.ts";
import { type Pair, spellingsOf } from "./groups.ts";
import { OWN_PAIRS, PLAIN_PAIRS } from "./own_pairs.ts";

/** A character, and what it looks like: code points in hexadecimal digits. */
const LINE = /^([0-9A-F]+) ;\t([0-9A-F]+(?: [0-9A-F]+)*) ;\tMA/gm;

/** What no name contains; Deno may know newer characters than the file. */
const REFUSED = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Writes `spellings.ts`, when it is run with `--allow-read` and
 * `--allow-write=handlers/chat/look_alikes`, from `confusables.txt`, which is named as the argument:
 * https://www.unicode.org/Public/security/latest/confusables.txt
 *
 * Raise `SKELETON_VERSION` when a name has another skeleton afterwards: a test
 * tells.
 */
async function main(path: string): Promise<void> {
  const text = Deno.readTextFileSync(path);
  const version = /^# Version: (\S+)/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`${path} names no version.`);
  const pairs = readPairs(text);
  const spellings = spell(pairs);
  const place = new URL("spellings.ts", import.meta.url);
  Deno.writeTextFileSync(place, file(spellings, { version, apart: [] }));
  const { skeleton } = await import("../look_alikes.ts");
  const apart = pairs.filter(([one, other]) =>
    skeleton(one) !== skeleton(other)
  );
  Deno.writeTextFileSync(place, file(spellings, { version, apart }));
}

function readPairs(text: string): Pair[] {
  return Array.from(
    text.matchAll(LINE),
    // Frames around characters are not counted.
    ([, one, other]): Pair => [
      textOf(one!),
      textOf(other!).replaceAll(/\p{Me}/gu, ""),
    ],
  ).filter(([character]) => isLookedUp(character));
}

function isLookedUp(character: string): boolean {
  return !REFUSED.test(character) &&
    // What is decomposed before it is looked up is never found.
    character.normalize("NFD") === character;
}

/** Capitals come first, since those look exactly alike. */
function spell(pairs: readonly Pair[]): ReadonlyMap<string, string> {
  const isCapital = ([character]: Pair) =>
    character.toUpperCase() === character;
  const inOrder = [
    ...pairsOf(PLAIN_PAIRS),
    ...pairs.filter(isCapital),
    ...pairs.filter((pair) => !isCapital(pair)),
    ...pairsOf(OWN_PAIRS),
  ];
  return spellingsOf(
    inOrder.filter(([a, b]) => foldForms(a) !== foldForms(b)),
    new Map(pairs),
  );
}

function pairsOf(words: Readonly<Record<string, string>>): Pair[] {
  return Object.values(words).join(" ").split(" ").map((word) => {
    const [character, ...target] = [...word];
    return [character!, target.join("")];
  });
}

function file(
  spellings: ReadonlyMap<string, string>,
  { version, apart }: {
    readonly version: string;
    readonly apart: readonly Pair[];
  },
): string {
  const characters = Map.groupBy(
    Array.from(spellings.keys()).sort(),
    (character) => spellings.get(character)!,
  );
  return `/**
 * What characters count as when names are compared, and after a colon those that
 * do: code points, folded. Made by \`write_spellings.ts\` from \`own_pairs.ts\` and
 * confusables.txt of Unicode ${version} (UTS #39), see \`LICENSE-UNICODE\`.
 */
export const SPELLINGS = \`
${wrap(Array.from(characters).sort().map(wordOf))}\`;

/**
 * What looks alike in that file and is not taken for the same, in the same form:
 * these characters count as what another case or form of theirs looks like.
 */
export const APART = \`
${wrap(apart.map(([one, other]) => wordOf([other, [one]])))}\`;
`;
}

function wordOf([target, characters]: readonly [string, readonly string[]]) {
  return `${digitsOf(target)}:${characters.map(digitsOf).join(",")}`;
}

/** Words in lines; a long one goes on in the next, after a comma. */
function wrap(words: readonly string[]): string {
  let lines = "";
  let line = "";
  for (const part of words.flatMap((word) => word.split(/(?<=,)/))) {
    const gap = line === "" || line.endsWith(",") ? "" : " ";
    if (line.length + gap.length + part.length > 80) {
      lines += `${line}\n`;
      line = part;
    } else line += gap + part;
  }
  return `${lines}${line}\n`;
}

function textOf(codePoints: string): string {
  return String.fromCodePoint(
    ...codePoints.split(" ").map((digits) => parseInt(digits, 16)),
  );
}

function digitsOf(text: string): string {
  return Array.from(text, (one) => one.codePointAt(0)!.toString(16)).join("+");
}

if (import.meta.main) await main(Deno.args[0] ?? "confusables.txt");
