/**
 * What looks alike within Latin: each character with what it counts as. Two
 * letters that together look like one are spelled as the two, so that it does
 * not matter which of them is meant in a row of three.
 *
 * These come before the pairs of Unicode, which others of theirs depend on: what
 * looks like I or like 1 counts as l.
 */
export const PLAIN_PAIRS = { Latin: "il 1l 0o mrn wvv ƒf" } as const;

/**
 * What looks alike and is not in the data of Unicode: each character with what
 * it counts as, by script. Case makes no difference.
 */
export const OWN_PAIRS = {
  Canadian_Aboriginal: "ᐅd ᓮs ᗩa ᗴe",
  Coptic: "ⲁa ⲍz",
  Greek: "ωw",
  Han: "丨l",
  Hiragana: "りリ",
  Katakana: "オ才 チ千 ミ三 ム厶",
  Latin: "ꜰf ȷj ᴍm",
  /** Signs, letters and digits in frames. */
  Common: [
    "‗_ —- ·. ‧. ∙. ⋅.",
    "🅐a 🅑b 🅒c 🅓d 🅔e 🅕f 🅖g 🅗h 🅘i 🅙j 🅚k 🅛l 🅜m 🅝n 🅞o 🅟p 🅠q 🅡r 🅢s 🅣t 🅤u 🅥v 🅦w 🅧x 🅨y 🅩z",
    "🅰a 🅱b 🅲c 🅳d 🅴e 🅵f 🅶g 🅷h 🅸i 🅹j 🅺k 🅻l 🅼m 🅽n 🅾o 🅿p 🆀q 🆁r 🆂s 🆃t 🆄u 🆅v 🆆w 🆇x 🆈y 🆉z",
    "🇦a 🇧b 🇨c 🇩d 🇪e 🇫f 🇬g 🇭h 🇮i 🇯j 🇰k 🇱l 🇲m 🇳n 🇴o 🇵p 🇶q 🇷r 🇸s 🇹t 🇺u 🇻v 🇼w 🇽x 🇾y 🇿z",
    "🆋ic 🆌pa 🆍sa 🆎ab 🆏wc 🆐dj",
    "🆑cl 🆒cool 🆓free 🆔id 🆕new 🆖ng 🆗ok 🆘sos 🆙up! 🆚vs 🔟10",
    "⓿0 ❶1 ❷2 ❸3 ❹4 ❺5 ❻6 ❼7 ❽8 ❾9 ❿10 🄋0 ➀1 ➁2 ➂3 ➃4 ➄5 ➅6 ➆7 ➇8 ➈9 ➉10",
    "🄌0 ➊1 ➋2 ➌3 ➍4 ➎5 ➏6 ➐7 ➑8 ➒9 ➓10 ⓵1 ⓶2 ⓷3 ⓸4 ⓹5 ⓺6 ⓻7 ⓼8 ⓽9 ⓾10",
    "⓫11 ⓬12 ⓭13 ⓮14 ⓯15 ⓰16 ⓱17 ⓲18 ⓳19 ⓴20",
  ].join(" "),
} as const;
