import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is: what `CHROMIUM` names, or the first one on the path. */
export function findChromium(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  if (named) return named;
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return NAMES
    .flatMap((name) => folders.map((folder) => `${folder}/${name}`))
    .find(isFile);
}

/** Starts Chromium without a window. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  return await chromium.launch({ executablePath, args: FLAGS });
}

/** What to do when there is none. */
export const CHROMIUM_MISSING =
  "There is no Chromium. Install it (Debian: apt-get install chromium), or " +
  "name its program in the environment variable CHROMIUM.";

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
