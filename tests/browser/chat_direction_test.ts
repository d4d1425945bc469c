import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

/** A name whose first letter is Hebrew, and that ends with a digit. */
const NAME = "א1";

async function directionOf(element: Locator): Promise<string> {
  return await element.evaluate((node) =>
    // @ts-ignore: It runs in the browser.
    getComputedStyle(node).direction
  );
}

browserTest(
  "chat keeps names from right to left apart from the words around them",
  async (browser) => {
    await using server = await ServerProcess.start([
      "--port=0",
      "--identity=accounts",
      "--guests",
    ]);
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
      room: `${NAME} room`,
    });
    await using other = await Visitor.inRoom(browser, server.url, {
      name: NAME,
      room: `${NAME} room`,
    });
    const isolated = `\u2068${NAME}`;
    await ana.page.locator(
      `#text[placeholder="Message ${isolated} room\u2069"]`,
    )
      .waitFor();
    await other.composer.pressSequentially("hm");
    await ana.page.locator("#typing")
      .getByText(`${isolated}\u2069 is typing…`).waitFor();
    await ana.page.getByRole("button", { name: `${NAME} guest` }).click();
    await ana.page.getByRole("menuitem", { name: "Mute…" }).click();
    await ana.page.getByRole("dialog", { name: `Mute ${NAME}` })
      .locator("h2 bdi", { hasText: NAME }).waitFor();
    await ana.page.keyboard.press("Escape");
    await other.say("hello");
    await ana.tool(NAME, "hello", "More");
    await ana.page.getByRole("menuitem", { name: `${NAME}…`, exact: true })
      .locator("bdi").waitFor();
    ana.assertNoComplaints();
    other.assertNoComplaints();
  },
);

browserTest(
  "chat shows an answer and a file in the direction of what is said",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await ana.say("hello");
    await ana.hears("You", "hello");
    await ana.tool("You", "hello", "Reply");
    await ana.say("وعليكم السلام");
    await ana.hears("You", "وعليكم السلام");
    const answer = ana.line("You", "وعليكم السلام").locator(".bubble");
    assertEquals(await directionOf(answer), "rtl");
    await ana.page.locator("#attach-input").setInputFiles({
      name: "list.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("bread"),
    });
    await ana.page.getByText("5 bytes").waitFor();
    await ana.say("שלום");
    await ana.hears("You", "שלום");
    const withFile = ana.line("You", "שלום").locator(".bubble");
    assertEquals(await directionOf(withFile), "rtl");
    ana.assertNoComplaints();
  },
);
