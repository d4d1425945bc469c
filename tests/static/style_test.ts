import { assert, assertGreaterOrEqual } from "@std/assert";

const CSS = await Deno.readTextFile(
  new URL("../../static/style.css", import.meta.url),
);

type Tokens = ReadonlyMap<string, string>;

function readTokens(css: string): Map<string, string> {
  return new Map(
    [...css.matchAll(/^\s*--([\w-]+):\s*(#[0-9a-f]{6});/gim)].map((match) => [
      match[1]!,
      match[2]!,
    ]),
  );
}

const [lightCss, darkCss] = CSS.split("prefers-color-scheme: dark", 2);
const LIGHT = readTokens(lightCss!);
const DARK = new Map([
  ...LIGHT,
  ...readTokens(darkCss!.slice(0, darkCss!.indexOf("\n}\n"))),
]);

/** WCAG 2.2, "relative luminance". */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const part = parseInt(color.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

const CORDS = Array.from({ length: 8 }, (_, index) => `cord-${index}`);

/** Text and what it stands on; AA asks 4.5 of them (WCAG 2.2 §1.4.3). */
const TEXTS: [text: string, grounds: string[]][] = [
  ["ink", ["paper", "surface", "hover"]],
  ["ink-soft", ["paper", "surface", "hover"]],
  ["accent", ["paper", "surface"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["own-ink", ["own"]],
  ["own-ink-soft", ["own"]],
  ["bad", ["paper", "surface"]],
  ["board-bad", ["board"]],
  ["banner-ink", ["banner"]],
  ["board-ink", ["board", "board-raised", "board-field"]],
  ["board-ink-soft", ["board", "board-raised", "board-field"]],
  ["on-lamp", ["lamp"]],
  ...CORDS.map((cord): [string, string[]] => [cord, ["paper", "surface"]]),
];

/** Borders and lamps that tell something; AA asks 3 (WCAG 2.2 §1.4.11). */
const MARKS: [mark: string, grounds: string[]][] = [
  ["field-line", ["paper", "surface"]],
  ["board-field-line", ["board"]],
  ["accent", ["paper", "surface"]],
  ["lamp", ["board", "board-raised"]],
  ["good", ["surface"]],
  ["wait", ["surface"]],
  ["bad", ["surface"]],
];

function assertContrast(
  tokens: Tokens,
  pairs: readonly [string, string[]][],
  least: number,
): void {
  for (const [front, grounds] of pairs) {
    for (const ground of grounds) {
      const [a, b] = [tokens.get(front), tokens.get(ground)];
      assert(a !== undefined && b !== undefined, `--${front}, --${ground}`);
      assertGreaterOrEqual(contrast(a, b), least, `--${front} on --${ground}`);
    }
  }
}

for (const [scheme, tokens] of [["light", LIGHT], ["dark", DARK]] as const) {
  Deno.test(`style.css has AA contrast for text when the scheme is ${scheme}`, () => {
    assertContrast(tokens, TEXTS, 4.5);
  });

  Deno.test(`style.css has AA contrast for marks when the scheme is ${scheme}`, () => {
    assertContrast(tokens, MARKS, 3);
  });
}

Deno.test("style.css uses no colour but its tokens", () => {
  const rules = darkCss!.slice(darkCss!.indexOf("\n}\n"));
  const literals = [...rules.matchAll(/#[0-9a-f]{3,8}\b/gi)].map(([hex]) => hex)
    // Full black: how opaque a mask is, not a colour.
    .filter((hex) => hex !== "#000");
  assert(literals.length === 0, literals.join(" "));
});
