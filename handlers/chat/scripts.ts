/**
 * Scripts that people write names in, by their Unicode property names: those of
 * UAX #31 tables 5 and 7, and some more. All that are not here, which nobody has
 * used for long, count as one more script together.
 */
const SCRIPTS = [
  "Adlam",
  "Arabic",
  "Armenian",
  "Balinese",
  "Bamum",
  "Batak",
  "Bengali",
  "Bopomofo",
  "Canadian_Aboriginal",
  "Chakma",
  "Cham",
  "Cherokee",
  "Coptic",
  "Cyrillic",
  "Deseret",
  "Devanagari",
  "Ethiopic",
  "Georgian",
  "Glagolitic",
  "Gothic",
  "Greek",
  "Gujarati",
  "Gurmukhi",
  "Han",
  "Hangul",
  "Hanifi_Rohingya",
  "Hebrew",
  "Hiragana",
  "Javanese",
  "Kannada",
  "Katakana",
  "Kayah_Li",
  "Khmer",
  "Lao",
  "Latin",
  "Lepcha",
  "Limbu",
  "Lisu",
  "Malayalam",
  "Mandaic",
  "Meetei_Mayek",
  "Miao",
  "Mongolian",
  "Myanmar",
  "New_Tai_Lue",
  "Newa",
  "Nko",
  "Nyiakeng_Puachue_Hmong",
  "Ol_Chiki",
  "Oriya",
  "Osage",
  "Saurashtra",
  "Sinhala",
  "Sundanese",
  "Syloti_Nagri",
  "Syriac",
  "Tai_Le",
  "Tai_Tham",
  "Tai_Viet",
  "Tamil",
  "Telugu",
  "Thaana",
  "Thai",
  "Tibetan",
  "Tifinagh",
  "Vai",
  "Wancho",
  "Yi",
] as const;

/** Scripts that are commonly written together, UTS #39 §5.2. */
const TOGETHER = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"],
] as const;

/** Signs, digits and marks that belong to every script. */
const SHARED = String.raw`\p{scx=Common}\p{scx=Inherited}`;

/** What a name may consist of: one of these has to match the whole of it. */
const ALLOWED: readonly RegExp[] = [
  ...TOGETHER,
  ...SCRIPTS.map((script) => [script]),
].map((scripts) => new RegExp(`^[${SHARED}${classes(scripts)}]*$`, "u"));

const OTHER_SCRIPTS = new RegExp(
  `^(?:[${SHARED}]|[^${classes(SCRIPTS)}])*$`,
  "u",
);

const DIGITS = /\p{Nd}/gu;
const DIGIT = /^\p{Nd}$/u;

/**
 * Tells whether a text is written in one script, or in those that are commonly
 * written together: Latin with Han and Kana, with Han and Bopomofo, or with Han
 * and Hangul. Signs and marks that belong to no script are free. This is the
 * level "highly restrictive" of UTS #39 §5.2.
 */
export function isOneScript(text: string): boolean {
  return ALLOWED.some((pattern) => pattern.test(text)) ||
    OTHER_SCRIPTS.test(text);
}

/** Tells whether the decimal digits of a text are of one system (UTS #39 §5.3). */
export function hasOneKindOfDigits(text: string): boolean {
  const zeros = new Set(
    Array.from(text.matchAll(DIGITS), ([digit]) => zeroOf(digit)),
  );
  return zeros.size <= 1;
}

/** Systems of digits are runs of ten code points, some of them side by side. */
function zeroOf(digit: string): number {
  const codePoint = digit.codePointAt(0)!;
  let start = codePoint;
  while (DIGIT.test(String.fromCodePoint(start - 1))) start--;
  return codePoint - (codePoint - start) % 10;
}

function classes(scripts: readonly string[]): string {
  return scripts.map((script) => `\\p{scx=${script}}`).join("");
}
