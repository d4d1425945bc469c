import { foldCase } from "./look_alikes/fold.ts";
import { SPELLINGS } from "./look_alikes/spellings.ts";

/**
 * Says how {@linkcode skeleton} works: what is kept with another version has to
 * be made anew.
 */
export const SKELETON_VERSION = 2;

/** What leaves no ink, such as the selectors of emoji, and frames around one. */
const NOT_COUNTED = /[\p{Default_Ignorable_Code_Point}\p{Me}]/gu;

/** The dot that i, which counts as l, and j have anyway, even below other marks. */
const OWN_DOT = /(?<=[lj]\p{M}*)\u0307/gu;

/** Their order may be another one than that of marks which look like them. */
const MARKS = /\p{Mn}{2,}/gu;

/** What needs no more than lower case before it is looked up. */
const ASCII = /^[\x20-\x7e]*$/;

/** What each folded character counts as, if not as itself. */
const TARGETS = readSpellings();

/**
 * What two texts have in common that differ only in case, in compatibility
 * forms such as fullwidth letters, or in characters that look alike: their
 * skeleton (UTS #39 §4). It is for comparing, not for showing.
 */
export function skeleton(text: string): string {
  if (ASCII.test(text)) return spell(text.toLowerCase());
  const spelled = spell(foldCase(text.replace(NOT_COUNTED, "")));
  // Looked up before compatibility forms go, too: those of ϲ make it a sigma.
  const plain = spelled.normalize("NFKD");
  const all = plain === spelled ? spelled : spell(foldCase(plain));
  return all.normalize("NFD").replace(OWN_DOT, "")
    .replace(MARKS, (marks) => [...marks].sort().join(""));
}

function spell(text: string): string {
  let spelled = "";
  for (const character of text) spelled += TARGETS.get(character) ?? character;
  return spelled;
}

function readSpellings(): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  let target = "";
  for (const word of SPELLINGS.trim().split(/[\s,]+/)) {
    const [digits, before] = word.split(":").reverse();
    if (before !== undefined) target = textOf(before);
    targets.set(textOf(digits!), target);
  }
  return targets;
}

/** The text of code points with a plus between them. */
function textOf(codePoints: string): string {
  let text = "";
  for (const digits of codePoints.split("+")) {
    text += String.fromCodePoint(parseInt(digits, 16));
  }
  return text;
}
