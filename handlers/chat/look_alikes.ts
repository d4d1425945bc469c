/**
 * Characters that look like another one, by script: pairs of the character and
 * what it counts as. Case makes no difference.
 *
 * A name is written in one script, but `АПА` can be Cyrillic as a whole; so
 * here are the letters of other scripts that whole names can be written with
 * which look like Latin ones, and what is confused within a script. A letter
 * whose cases look like two different ones, as the Greek Ν, which looks like N,
 * and ν, which looks like v, counts as what its capital looks like, because
 * capitals look exactly alike.
 */
export const LOOK_ALIKES = {
  Arabic: "یي ىي کك ہه ەه ھه ۰٠ ۱١ ۲٢ ۳٣ ۷٧ ۸٨ ۹٩",
  Armenian: "աw զq լl հh յj ոn ռn սu տs ցg օo",
  Canadian_Aboriginal:
    "ᐯv ᐅd ᑌu ᑎn ᑭp ᑯd ᑲb ᒍj ᒪl ᒿ2 ᓮs ᕁx ᕼh ᖇr ᗅa ᗩa ᗞd ᗪd ᗯw ᗰm ᗴe ᗷb ᙭x",
  Cherokee:
    "Ꭰd Ꭱr Ꭲt Ꭵi Ꭹy Ꭺa Ꭻj Ꭼe Ꮃw Ꮇm Ꮋh Ꮍy Ꮐg Ꮒh Ꮓz Ꮞ4 Ꮟb Ꮢr Ꮤw Ꮥs Ꮩv Ꮪs Ꮮl Ꮯc Ꮲp Ꮶk Ꮷd Ꮾ6 Ᏻg Ᏼb",
  Coptic: "ⲁa ⲃb ⲉe ⲍz ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲩy ⲭx ⲱw",
  Cyrillic:
    "аa вb гr ԁd еe зz һh нh іi јj кk ԛq ӏl мm оo пn рp сc ѕs тt ѡw ѵv ԝw уy үy ұy хx ьb ԍg әə ѳɵ өɵ",
  Greek: "αa βb γy εe ζz ηh θɵ ιi κk μm νn οo ρp τt υy χx ωw ϝf ϲc ϳj",
  Han: "一ー 〇o 丨l",
  Hiragana: "へヘ りリ",
  Katakana: "カ力 エ工 ロ口 ニ二 ハ八 ト卜 タ夕 オ才 チ千 ミ三 ム厶 ノ丿",
  Latin:
    "ɑa ᴀa ƅb ʙb ᴄc ᴅd ᴇe ǝə ꜰf ɡg ɢg ʜh ıi ɩi ɪi ȷj ᴊj ᴋk ǀl ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ʋv ᴠv ᴡw ꭓx ʏy ᴢz ȝ3 ʒ3 ɜ3 ȣ8",
  Lisu:
    "ꓐb ꓑp ꓓd ꓔt ꓖg ꓗk ꓙj ꓚc ꓜz ꓝf ꓟm ꓠn ꓡl ꓢs ꓣr ꓦv ꓧh ꓪw ꓫx ꓬy ꓮa ꓰe ꓲi ꓳo ꓴu",
  /** Signs, and marks on letters. */
  Common:
    "|l ‘' ’' ʼ' ʻ' ′' `' ´' ‐- ‑- ‒- –- —- −- ·. ‧. ∙. ⋅. \u0305\u0304 \u030c\u0306 \u0326\u0327",
} as const;

/**
 * What the letters, digits and pairs of letters count as that look alike in one
 * script. They come last, since others become these first.
 */
const LATIN_SPELLINGS: Readonly<Record<string, string>> = {
  i: "l",
  1: "l",
  0: "o",
  // Two letters that together look like one: spelled as the two, so that it
  // does not matter which of them is meant in a row of three.
  m: "rn",
  w: "vv",
};

const TARGETS: ReadonlyMap<string, string> = new Map(
  Object.values(LOOK_ALIKES).flatMap((pairs) =>
    pairs.split(" ").map((pair) => {
      const [character, target] = [...pair];
      return [foldCase(character!), target!] as const;
    })
  ),
);

/** The dot that i and j have anyway, even below other marks. */
const OWN_DOT = /(?<=[ij]\p{M}*)\u0307/gu;

/** What leaves no ink, such as the selectors of emoji. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * What two texts have in common that differ only in case, in compatibility
 * forms such as fullwidth letters, or in characters that look alike: their
 * skeleton (UTS #39 §4). It is for comparing, not for showing.
 */
export function skeleton(text: string): string {
  const decomposed = text.replace(INVISIBLE, "").normalize("NFD");
  // Looked up before compatibility forms go, too: those of ϲ make it a sigma.
  const plain = spell(foldCase(decomposed)).normalize("NFKD");
  return spell(foldCase(plain)).replace(OWN_DOT, "")
    .replace(/[i10mw]/g, (letter) => LATIN_SPELLINGS[letter]!);
}

/**
 * Upper case first: it unites what lower case alone keeps apart, as ß and SS.
 * A sigma does not depend on whether it ends a word.
 */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

function spell(text: string): string {
  let spelled = "";
  for (const character of text) spelled += TARGETS.get(character) ?? character;
  return spelled;
}
