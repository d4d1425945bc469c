import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

/** Takes away what Safari has only since version 17. */
const WITHOUT_POPOVERS = `
  delete HTMLElement.prototype.showPopover;
  delete HTMLElement.prototype.hidePopover;
  delete HTMLElement.prototype.togglePopover;
  delete URL.canParse;
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name !== "popover") setAttribute.call(this, name, value);
  };
`;

browserTest(
  "chat has its menus and links without popovers",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.open(browser, server.url);
    await ana.page.addInitScript(WITHOUT_POPOVERS);
    await ana.page.reload();
    await ana.nameField.fill("Ana");
    await ana.joinButton.click();
    await ana.seesRoom("lobby");
    await ana.say("see https://a.example/b");
    await ana.log.getByRole("link", { name: "https://a.example/b" }).waitFor();

    const menu = ana.page.getByRole("menu");
    const opener = ana.page.getByRole("button", { name: "The room's menu" });
    await opener.click();
    await menu.waitFor();
    await ana.page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    await opener.and(ana.page.locator(":focus")).waitFor();
    await opener.click();
    await menu.waitFor();
    await ana.log.click();
    await menu.waitFor({ state: "detached" });

    await ana.tool("You", "see https://a.example/b", "React");
    await ana.page.getByRole("button", { name: "👍", exact: true }).click();
    await ana.log.getByRole("button", { name: /👍/ }).waitFor();

    await opener.click();
    await ana.page.getByRole("menuitem", { name: "Leave the room" }).click();
    await ana.page.getByRole("heading", { name: "No line is plugged in" })
      .waitFor();
    ana.assertNoComplaints();
  },
);
