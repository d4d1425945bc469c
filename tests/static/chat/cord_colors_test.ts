import { assert, assertEquals } from "@std/assert";
import { CORD_COLORS, CordColors } from "../../../static/chat/cord_colors.js";

function guests(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Guest ${index}`);
}

Deno.test("CordColors gives a name its colour again, in any case and form", () => {
  const colors = new CordColors();
  const ana = colors.of("Ana");
  const zoe = colors.of("Zoe\u0308");
  for (const name of guests(20)) colors.of(name);
  assertEquals(colors.of("ANA"), ana);
  assertEquals(colors.of("Zo\u00eb"), zoe);
});

Deno.test("CordColors gives no colour twice while there are enough", () => {
  const colors = new CordColors();
  const given = guests(CORD_COLORS).map((name) => colors.of(name));
  assertEquals(given.toSorted(), [...given.keys()]);
});

Deno.test("CordColors gives a name alone the same colour on every screen", () => {
  const preferred = guests(100).map((name) => new CordColors().of(name));
  assertEquals(
    guests(100).map((name) => new CordColors().of(name)),
    preferred,
  );
  assertEquals(new Set(preferred).size, CORD_COLORS);
});

Deno.test("CordColors shares the colours evenly when there are more names", () => {
  const colors = new CordColors();
  const uses = new Map<number, number>();
  for (const name of guests(3 * CORD_COLORS)) {
    const color = colors.of(name);
    assert(color >= 0 && color < CORD_COLORS);
    uses.set(color, (uses.get(color) ?? 0) + 1);
  }
  assert([...uses.values()].every((count) => count === 3));
});
