import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

browserTest(
  "chat closes by Escape what is in front, and the drawer after it",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
      context: { viewport: { width: 390, height: 844 } },
    });
    const { page } = ana;
    await page.locator("#board-open").press("Enter");
    await page.getByRole("button", { name: "All rooms" }).press("Enter");
    const rooms = page.getByRole("dialog", { name: "Rooms" });
    await rooms.getByText("lobby").waitFor();
    await page.keyboard.press("Escape");
    await rooms.waitFor({ state: "detached" });
    await page.locator("#board.open #browse-open:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#board-open:focus").waitFor();
    await page.locator("#board:not(.open)").waitFor({ state: "attached" });
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat keeps the focus on a person while others come and go",
  async (browser) => {
    await using server = await ServerProcess.start([
      "--port=0",
      "--identity=open",
    ]);
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ana.seesPeople("Ana", "Ben");
    await ana.page.locator("button.member", { hasText: "Ben" }).focus();
    await using aaron = await Visitor.inRoom(browser, server.url, {
      name: "Aaron",
    });
    await ana.seesPeople("Aaron", "Ana", "Ben");
    await ana.page.locator("button.member:focus", { hasText: "Ben" }).waitFor();
    await aaron.page.getByRole("button", { name: "Leave the room" }).click();
    await ana.seesPeople("Ana", "Ben");
    await ana.page.locator("button.member:focus", { hasText: "Ben" }).waitFor();
    for (const visitor of [ana, ben, aaron]) visitor.assertNoComplaints();
  },
);

browserTest(
  "chat keeps what was searched for when the search is closed by Escape",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const { page } = ana;
    await ana.say("four loaves");
    await ana.hears("You", "four loaves");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    const query = page.getByRole("searchbox");
    await query.fill("loaves");
    await query.press("Enter");
    await page.getByText("1 found").waitFor();
    await query.press("Escape");
    await query.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByText("1 found").waitFor();
    await page.locator("#search-query:focus").waitFor();
    await query.fill("");
    await page.getByText("1 found").waitFor({ state: "hidden" });
    ana.assertNoComplaints();
  },
);
