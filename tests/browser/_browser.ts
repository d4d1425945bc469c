import type { Browser } from "playwright-core";
import { CHROMIUM_MISSING, findChromium, launchChromium } from "./_chromium.ts";

const found = findChromium() !== undefined;
// Where tests are run to be believed, a missing browser is a failure.
const needed = Deno.env.get("CI") === "true";
let browser: Promise<Browser> | undefined;

if (!found && !needed) console.log(`${CHROMIUM_MISSING} Tests are left out.`);

Deno.test.afterAll(async () => {
  await (await browser)?.close();
});

/**
 * Registers a test that drives Chromium, started once for all tests of a file.
 *
 * Without Chromium the test is ignored, or fails where `CI` is `true`.
 */
export function browserTest(
  name: string,
  test: (browser: Browser) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !found && !needed,
    // The browser outlives each test, and its driver keeps pipes and timers of
    // its own between them.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      browser ??= launchChromium();
      await test(await browser);
    },
  });
}
