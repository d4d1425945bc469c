import { assert, assertEquals, assertMatch } from "@std/assert";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";
import { Wire } from "./_wire.ts";

const PHONE = {
  viewport: { width: 360, height: 640 },
  isMobile: true,
  hasTouch: true,
};

function restart(server: ServerProcess): Promise<ServerProcess> {
  return ServerProcess.start(["--port", server.url.port]);
}

browserTest(
  "chat lets two people talk, see each other and leave",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await ana.log.getByText("Nobody else is here yet").waitFor();
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ana.reads("Ben joined");
    await ana.seesPeople("Ana", "Ben");
    await ben.seesPeople("Ana", "Ben");

    await ana.say("Hello Ben");
    await ben.hears("Ana", "Hello Ben");
    await ana.hears("You", "Hello Ben");
    await ben.composer.fill("Hello");
    await ben.composer.press("Shift+Enter");
    await ben.composer.pressSequentially("Ana");
    await ben.composer.press("Enter");
    await ana.hears("Ben", "Hello\nAna");
    assertMatch(
      await ana.line("Ben", "Hello\nAna").getByRole("time").innerText(),
      /\d/,
    );

    await ben.page.getByRole("button", { name: "Leave the room" }).click();
    await ben.page.getByRole("heading", { name: "No line is plugged in" })
      .waitFor();
    await ana.reads("Ben left");
    await ana.seesPeople("Ana");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat takes text as text, and only http links as links",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const text =
      "<img src=x onerror=alert(1)> javascript:alert(1) https://a.example/b.";
    await ana.say(text);
    await ana.hears("You", text);
    const links = ana.log.getByRole("link");
    assertEquals(await links.count(), 1);
    assertEquals(await links.getAttribute("href"), "https://a.example/b");
    assertEquals(await links.getAttribute("rel"), "noopener noreferrer");
    ana.assertNoComplaints();
  },
);

browserTest("chat says at the name why it cannot be had", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using other = await Visitor.open(browser, server.url);
  const name = other.nameField;
  for (
    const [wrong, problem] of [
      ["", "Choose a name"],
      ["a\u202eb", "invisible"],
      ["x".repeat(40), "At most 32"],
      ["ANA", "This name is in use"],
    ] as const
  ) {
    await name.fill(wrong);
    await other.joinButton.click();
    await other.page.getByRole("alert").filter({ hasText: problem }).waitFor();
    assertEquals(await name.getAttribute("aria-invalid"), "true");
  }
  await name.fill("Anouk");
  await name.press("Enter");
  await ana.reads("Anouk joined");
  ana.assertNoComplaints();
  other.assertNoComplaints();
});

browserTest(
  "chat asks for another name when a new tab comes with one in use",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const tab = await ana.page.context().newPage();
    await tab.goto(server.url.href);
    await tab.getByRole("alert").filter({ hasText: "This name is in use" })
      .waitFor();
    const focused = tab.locator("#entry-name:focus");
    await focused.waitFor();
    assertEquals(await focused.inputValue(), "Ana");
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat keeps its own words in order when a link names a room with a bidi override",
  async (browser) => {
    await using server = await ServerProcess.start();
    const link = new URL("#a%E2%80%AEb", server.url);
    await using ana = await Visitor.open(browser, link);
    const lead = ana.page.getByText(/^You are invited to “a\u202eb”/);
    const name = lead.locator("bdi");
    assertEquals(await name.innerText(), "a\u202eb");
    assertEquals(
      await name.evaluate((element) =>
        // deno-lint-ignore no-explicit-any
        (globalThis as any).getComputedStyle(element).unicodeBidi
      ),
      "isolate",
    );
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat says why it keeps a text when it is too long",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const problem = ana.page.getByRole("alert")
      .filter({ hasText: "At most 4000 characters; these are 4001." });
    await ana.composer.fill("x".repeat(4001));
    assertEquals(await problem.count(), 0);
    await ana.composer.press("Enter");
    await problem.waitFor();
    assertEquals(await ana.composer.getAttribute("aria-invalid"), "true");
    assertEquals((await ana.composer.inputValue()).length, 4001);
    await ana.composer.press("Backspace");
    await problem.waitFor({ state: "hidden" });
    await ana.composer.press("Enter");
    await ana.hears("You", "x".repeat(4000));
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat comes back when the server was killed and started again",
  async (browser) => {
    const server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ana.say("before");
    await ben.hears("Ana", "before");
    await ana.composer.fill("a draft");

    await server.end("SIGKILL");
    await ana.isLinked("Reconnecting");
    await ana.banner.getByText(/Reconnecting in \d+\ss/).waitFor();
    await ana.composer.press("Enter");
    assertEquals(await ana.composer.inputValue(), "a draft");

    await using _again = await restart(server);
    await ana.isLinked("Connected");
    await ben.isLinked("Connected");
    await ana.reads("What was said meanwhile is not shown");
    await ana.seesPeople("Ana", "Ben");
    await ana.composer.press("Enter");
    await ben.hears("Ana", "a draft");
    await ana.hears("You", "before");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat says so when a message was not sent, and tries again",
  async (browser) => {
    await using server = await ServerProcess.start();
    using wire = new Wire(server.url);
    await using ana = await Visitor.inRoom(browser, wire.url, { name: "Ana" });
    wire.silence();
    await ana.say("are you there?");
    await ana.log.locator(".pending", { hasText: "are you there?" }).waitFor();
    wire.cut();
    await ana.reads("Not sent.");

    await ana.isLinked("Connected");
    await ana.log.getByRole("button", { name: "Try again" }).click();
    await ana.hears("You", "are you there?");
    assertEquals(await ana.line("You", "are you there?").count(), 1);
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat gives way to a copy of the tab, and takes the name back",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    // A copy made by the page itself has the same sessionStorage.
    const copying = ana.page.waitForEvent("popup");
    await ana.page.evaluate("void open(location.href)");
    const copy = await copying;
    await ana.banner.getByText("connected in another tab").waitFor();
    await ana.isLinked("Disconnected");
    await ana.page.getByRole("button", { name: "Use it here" }).click();
    await ana.isLinked("Connected");
    await copy.locator("#banner").getByText("connected in another tab")
      .waitFor();
    ana.assertNoComplaints();
  },
);

browserTest("chat counts what is new in another room", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  await ana.page.getByLabel("Join or open a room").fill("attic");
  await ana.page.getByLabel("Join or open a room").press("Enter");
  await ana.seesRoom("attic");
  await ben.say("one");
  await ben.say("two");
  await ana.page.getByRole("button", { name: "lobby , 2 new messages" })
    .click();
  await ana.seesRoom("lobby");
  await ana.hears("Ben", "two");
  await ana.log.getByText("New", { exact: true }).waitFor();
  assertEquals(await ana.page.title(), "lobby · Switchboard");
  ana.assertNoComplaints();
});

browserTest(
  "chat brings a friend in by the room's link, and knows who comes again",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
      room: "kitchen table",
    });
    const link = await ana.log.getByRole("textbox", { name: /link/ })
      .inputValue();
    assertEquals(link, `${server.url.href}#kitchen%20table`);
    await using ben = await Visitor.open(browser, new URL(link));
    await ben.page.getByText("You are invited to “kitchen table”").waitFor();
    await ben.nameField.fill("Ben");
    await ben.nameField.press("Enter");
    await ana.reads("Ben joined");

    await ben.page.reload();
    await ben.seesRoom("kitchen table");
    await ben.isLinked("Connected");
    await ana.reads("Ben reconnected");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest("chat keeps the place of who reads further up", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  const tail = "and so on ".repeat(30);
  for (let i = 1; i <= 40; i++) await ben.say(`line ${i}. ${tail}`);
  await ana.hears("Ben", "line 40.");
  await ana.line("Ben", "line 1.").scrollIntoViewIfNeeded();
  await ben.say("news");
  await ana.page.getByRole("button", { name: "1 new message" }).click();
  await ana.page.getByRole("button", { name: "1 new message" })
    .waitFor({ state: "hidden" });

  // A talk that becomes narrow does not lose its end. The layout is asked for
  // at once, so that the scroll event comes first and the resize after it.
  await ana.page.evaluate(`{
    document.getElementById("chat").style.width = "700px";
    document.getElementById("logs").getBoundingClientRect();
  }`);
  await ben.say("more news");
  await ana.hears("Ben", "more news");
  const below: number = await ana.page.evaluate(`{
    const log = document.querySelector(".log:not([hidden])");
    log.scrollHeight - log.clientHeight - log.scrollTop;
  }`);
  assert(below < 2, `${below} px below`);
  ana.assertNoComplaints();
});

browserTest("chat can be used with the keyboard alone", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.open(browser, server.url);
  const { keyboard } = ana.page;
  const isFocused = (selector: string) =>
    ana.page.locator(`${selector}:focus`).waitFor();

  await isFocused("#entry-name");
  await keyboard.type("Ana");
  await keyboard.press("Tab");
  await isFocused("#entry-room");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await ana.seesRoom("lobby");
  await isFocused("#text");
  await keyboard.type("by keyboard");
  await keyboard.press("Enter");
  await ana.hears("You", "by keyboard");

  // From the top: the skip link, the room, the field for another one.
  await ana.page.locator("#skip").focus();
  await keyboard.press("Enter");
  await isFocused("#text");
  await ana.page.locator("#skip").focus();
  await keyboard.press("Tab");
  await isFocused(".room");
  await keyboard.press("Tab");
  await isFocused("#join-room");
  await keyboard.type("attic");
  await keyboard.press("Enter");
  await ana.seesRoom("attic");
  await isFocused("#text");
  await keyboard.press("Alt+ArrowUp");
  await ana.seesRoom("lobby");
  await isFocused("#text");
  await keyboard.press("Alt+ArrowDown");
  await ana.seesRoom("attic");

  await ana.page.locator("#rename-open").focus();
  await keyboard.press("Enter");
  await isFocused("#rename-name");
  await keyboard.press("Escape");
  await isFocused("#rename-open");
  await keyboard.press("Enter");
  await keyboard.type("Anna");
  await keyboard.press("Enter");
  await ana.reads("You are now Anna");
  ana.assertNoComplaints();
});

browserTest("chat has drawers on a phone", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, {
    name: "Ana",
    context: PHONE,
  });
  const people = ana.page.getByRole("complementary", {
    name: "About this room",
  });
  assertEquals(await people.isVisible(), false);
  const toggle = ana.page.getByRole("button", { name: "1 person here" });
  await toggle.tap();
  await people.getByText("Ana").waitFor();
  await ana.page.keyboard.press("Escape");
  await people.waitFor({ state: "hidden" });
  await ana.page.locator("#panel-open:focus").waitFor();

  await ana.page.getByRole("button", { name: "Rooms" }).tap();
  await ana.page.getByLabel("Join or open a room").fill("attic");
  await ana.page.getByRole("button", { name: "Join", exact: true }).tap();
  await ana.seesRoom("attic");
  await ana.say("small screen");
  await ana.hears("You", "small screen");
  const overflow = await ana.page.evaluate(
    "document.documentElement.scrollWidth - innerWidth",
  );
  assertEquals(overflow, 0);
  ana.assertNoComplaints();
});
