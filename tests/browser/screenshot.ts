/**
 * Takes the pictures of the page for the README: starts the server, lets some
 * people talk in real browsers, and writes `docs/screenshot.png` (a desktop in
 * light colours) and `docs/screenshot-phone.png` (a phone in dark ones).
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { ServerProcess } from "../_server_process.ts";
import { launchChromium } from "./_chromium.ts";
import { Visitor } from "./_visitor.ts";

const DOCS = new URL("../../docs/", import.meta.url);

const ROOM = "saturday boat";

const DESKTOP = {
  viewport: { width: 1280, height: 800 },
  colorScheme: "light",
  locale: "en-GB",
} as const;

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  colorScheme: "dark",
  locale: "en-GB",
  isMobile: true,
  hasTouch: true,
} as const;

/** Who says what, and in answer to what of Mika's. */
const TALK: readonly (readonly [string, string, string?])[] = [
  ["Ben", "Morning! Who is in for the boat on Saturday?"],
  ["Ben", "The forecast looks good: https://weather.example/harbour"],
  ["Chloé", "Me, me, me"],
  ["Ana", "And me. I bring cheese and the coffee pot ☕"],
  ["Дмитрий", "Я буду! В десять у причала?"],
  ["نور", "مرحبا! سأصل في العاشرة والنصف"],
  ["Mika", "Is there room for one more?"],
  [
    "Ana",
    "Always. Ten at the pier then.\nWe cast off when @نور is there.",
    "Is there room for one more?",
  ],
  [
    "Chloé",
    "Perfect. I bake bread, so please somebody bring something that is not " +
    "bread. Last time we had four loaves and a lemon.",
  ],
  ["Ben", "🍋"],
];

async function takePictures(browser: Browser, server: URL): Promise<void> {
  await using people = new AsyncDisposableStack();
  const come = async (
    name: string,
    context: typeof DESKTOP | typeof PHONE = DESKTOP,
  ) => {
    const as = { name, room: ROOM, context };
    return people.use(await Visitor.inRoom(browser, server, as));
  };
  const ben = await come("Ben");
  const chloe = await come("Chloé");
  const friends = new Map([
    ["Ben", ben],
    ["Chloé", chloe],
    ["Ana", await come("Ana")],
    ["Дмитрий", await come("Дмитрий")],
  ]);
  const ana = friends.get("Ana")!;
  await openRooms(ana, "lobby", "film club", "kitchen table");
  await openRooms(ben, "film club");
  const phone = await come("Mika", PHONE);
  friends.set("Mika", phone).set("نور", await come("نور"));

  await ana.page.getByRole("button", { name: ROOM }).click();
  await ben.page.getByRole("button", { name: ROOM }).click();
  for (const [name, text, answered] of TALK) {
    const friend = friends.get(name)!;
    if (answered !== undefined) {
      await friend.tool("Mika", answered, "Reply");
    }
    await friend.say(text);
    await ana.hears(name === "Ana" ? "You" : name, text);
    await phone.hears(name === "Mika" ? "You" : name, text);
  }
  for (const friend of [ben, chloe]) {
    await friend.tool("Ana", "Always.", "React");
    await friend.page.getByRole("button", { name: "🎉", exact: true }).click();
  }
  await ana.page.getByRole("button", { name: "🎉, 2 people" }).waitFor();
  await ben.page.getByRole("button", { name: "film club" }).click();
  await ben.say("Tonight at eight?");
  await ben.say("I have the good popcorn");
  await ana.page.getByRole("button", { name: /film club , 2 new/ }).waitFor();
  await ana.page.getByRole("heading", { level: 1, name: ROOM }).hover();

  await phone.page.mouse.move(0, 0);
  await takePicture(ana, "screenshot.png");
  await takePicture(phone, "screenshot-phone.png");
}

async function openRooms(visitor: Visitor, ...rooms: string[]): Promise<void> {
  for (const room of rooms) {
    const field = visitor.page.getByLabel("Join or open a room");
    await field.fill(room);
    await field.press("Enter");
    await visitor.seesRoom(room);
  }
}

async function takePicture(visitor: Visitor, name: string): Promise<void> {
  const picture = await visitor.page.screenshot({ animations: "disabled" });
  await Deno.writeFile(new URL(name, DOCS), picture);
  console.log(`docs/${name}, ${Math.round(picture.length / 1024)} KiB`);
}

if (import.meta.main) {
  await using server = await ServerProcess.start();
  const browser = await launchChromium();
  try {
    await takePictures(browser, server.url);
  } finally {
    await browser.close();
  }
}
