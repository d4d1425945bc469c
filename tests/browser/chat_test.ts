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

/** Lets one person say much at once. */
const UNLIMITED = [
  "--limits-messages-person=off",
  "--limits-messages-address=off",
  "--limits-requests=off",
];

/** A folder for what a server keeps, which is gone after the test. */
class DataFolder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
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
    await ana.seesPeople("Ana", "Ben");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest("chat counts what is new in another room", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  await ana.opens("attic");
  await ben.say("one");
  await ben.say("@Ana two");
  await ana.page.getByRole("button", {
    name: "lobby , 2 new messages, 1 for you",
  }).waitFor();
  await ana.hasTitle("(2) attic · Switchboard");
  await ana.page.getByRole("button", { name: /^lobby/ }).click();
  await ana.seesRoom("lobby");
  await ana.hears("Ben", "@Ana two");
  await ana.log.locator(".for-me .mention-me").waitFor();
  await ana.log.getByText("New", { exact: true }).waitFor();
  await ana.hasTitle("lobby · Switchboard");
  ana.assertNoComplaints();
});

browserTest(
  "chat loses and doubles nothing when the server is killed and started again",
  async (browser) => {
    await using folder = new DataFolder();
    const data = folder.path;
    const server = await ServerProcess.start(["--port", "0"], { data });
    const { port } = server.url;
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

    await using _again = await ServerProcess.start(["--port", port], { data });
    await ana.isLinked("Connected");
    await ben.isLinked("Connected");
    await ana.seesPeople("Ana", "Ben");
    await ana.composer.press("Enter");
    await ben.hears("Ana", "a draft");
    await ana.hears("You", "a draft");
    for (const visitor of [ana, ben]) {
      assertEquals(await visitor.texts(), ["before", "a draft"]);
    }
    await ben.page.reload();
    await ben.hears("Ana", "a draft");
    assertEquals(await ben.texts(), ["before", "a draft"]);
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat sends what was on its way when the connection was lost, once",
  async (browser) => {
    await using server = await ServerProcess.start();
    using wire = new Wire(server.url);
    await using ana = await Visitor.inRoom(browser, wire.url, { name: "Ana" });
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    wire.silence();
    await ana.say("are you there?");
    await ana.log.locator(".pending", { hasText: "are you there?" }).waitFor();
    wire.cut();
    await ana.hears("You", "are you there?");
    await ben.hears("Ana", "are you there?");
    assertEquals(await ana.texts(), ["are you there?"]);
    assertEquals(await ben.texts(), ["are you there?"]);
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat knows a person in two tabs as one member",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const tab = await ana.page.context().newPage();
    await tab.goto(server.url.href);
    // Before it is in the room, it sends nothing.
    await tab.locator("#composer-hint").getByText("Enter sends").waitFor();
    await tab.locator("#text").fill("from the other tab");
    await tab.locator("#text").press("Enter");
    await ana.hears("You", "from the other tab");
    await ana.seesPeople("Ana");
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat fetches older messages when the reader scrolls up, and keeps the place",
  async (browser) => {
    await using server = await ServerProcess.start([
      "--port",
      "0",
      ...UNLIMITED,
    ]);
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const count = 130;
    await ana.fillRoom(count);
    await ana.page.reload();
    await ana.hears("You", `line ${count}`);
    assertEquals((await ana.texts()).length, 50);
    const top = ana.line("You", `line ${count - 45}`);
    await top.scrollIntoViewIfNeeded();
    const before = await top.boundingBox();
    await ana.hears("You", `line ${count - 90}`);
    const after = await top.boundingBox();
    assertEquals(Math.round(after!.y), Math.round(before!.y));
    await ana.line("You", `line ${count - 90}`).scrollIntoViewIfNeeded();
    await ana.line("You", "line 1").waitFor();
    assertEquals(await ana.log.getByText("Today").count(), 1);
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat answers, edits, reacts to and deletes messages",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ana.say("Shall we go?");
    await ben.hears("Ana", "Shall we go?");

    await ben.tool("Ana", "Shall we go?", "Reply");
    await ben.page.getByText("Answering Ana: Shall we go?").waitFor();
    await ben.say("At ten");
    const answer = ana.line("Ben", "At ten");
    await answer.getByRole("button", { name: /^In answer to You/ })
      .click();
    await ana.page.locator(".line.visited", { hasText: "Shall we go?" })
      .waitFor();

    await ben.tool("You", "At ten", "More");
    await ben.page.getByRole("menuitem", { name: "Edit" }).click();
    await ben.say("At eleven");
    await ana.hears("Ben", "At eleven");
    await ana.line("Ben", "At eleven").getByText("edited").waitFor();
    assertEquals(await ben.composer.inputValue(), "");

    await ana.tool("Ben", "At eleven", "React");
    await ana.page.getByRole("button", { name: "👍" }).click();
    const reaction = ben.line("You", "At eleven")
      .getByRole("button", { name: "👍, 1 person" });
    assertEquals(await reaction.getAttribute("aria-pressed"), "false");
    await reaction.click();
    await ana.line("Ben", "At eleven")
      .getByRole("button", { name: "👍, 2 people" }).waitFor();

    await ben.tool("You", "At eleven", "More");
    await ben.page.getByRole("menuitem", { name: "Delete…" }).click();
    await ben.page.getByRole("button", { name: "Delete", exact: true }).click();
    await ana.hears("Ben", "This message was deleted.");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat proposes names after an @, and says who is typing",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ben.seesPeople("Ana", "Ben");
    await ben.composer.pressSequentially("Hello @a");
    await ben.page.getByRole("option", { name: "Ana" }).waitFor();
    await ana.page.getByText("Ben is typing…").waitFor();
    await ben.composer.press("Enter");
    assertEquals(await ben.composer.inputValue(), "Hello @Ana ");
    await ben.composer.press("Enter");
    await ana.hears("Ben", "Hello @Ana");
    await ana.log.locator(".for-me").waitFor();
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
  // The page hears of a scroll with the next frame.
  await ana.page.evaluate(
    "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))",
  );
  await ben.say("news");
  const toNewest = ana.page.getByRole("button", {
    name: "1 new message",
    exact: true,
  });
  await toNewest.click();
  await toNewest.waitFor({ state: "hidden" });

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

browserTest(
  "chat lets messages be reached and changed with the keyboard alone",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const { keyboard } = ana.page;
    await ana.say("one");
    await ana.hears("You", "one");
    await ana.say("two");
    await ana.hears("You", "two");

    await ana.composer.press("ArrowUp");
    await ana.page.getByText("Changing: two").waitFor();
    await keyboard.press("Escape");
    assertEquals(await ana.composer.inputValue(), "");
    await ana.composer.press("ArrowUp");
    await keyboard.type("!");
    await keyboard.press("Enter");
    await ana.hears("You", "two!");

    await ana.log.focus();
    await keyboard.press("ArrowUp");
    await keyboard.press("ArrowUp");
    await ana.page.locator(".line:focus", { hasText: "one" }).waitFor();
    await keyboard.press("Tab");
    await ana.page.locator(".line", { hasText: "one" })
      .locator("button[aria-label=React]:focus").waitFor();
    await keyboard.press("Enter");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await ana.line("You", "one").getByRole("button", { name: "❤️, 1 person" })
      .waitFor();
    await ana.page.locator(".line", { hasText: "one" })
      .locator("button[aria-label=React]:focus").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await ana.page.getByRole("menuitem", { name: "Copy text" })
      .and(ana.page.locator(":focus")).waitFor();
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await ana.page.locator("dialog button:focus", { hasText: "Delete" })
      .waitFor();
    await keyboard.press("Enter");
    await ana.hears("You", "This message was deleted.");
    ana.assertNoComplaints();
  },
);

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
  await people.locator("[data-drawer-close]:focus").waitFor();
  await people.getByText("Ana").waitFor();
  await ana.page.keyboard.press("Escape");
  await people.waitFor({ state: "hidden" });
  await ana.page.locator("#panel-open:focus").waitFor();

  await ana.page.getByRole("button", { name: "Search", exact: true }).tap();
  await ana.page.locator("#search-query:focus").waitFor();
  await ana.page.keyboard.press("Escape");
  await people.waitFor({ state: "hidden" });

  await ana.page.getByRole("button", { name: "Rooms" }).tap();
  await ana.page.getByLabel("Join or open a room").fill("attic");
  await ana.page.getByRole("button", { name: "Join", exact: true }).tap();
  await ana.seesRoom("attic");
  await ana.say("small screen");
  await ana.hears("You", "small screen");
  await ana.log.locator(".bubble").tap();
  await ana.log.getByRole("button", { name: "Reply" }).tap();
  await ana.page.getByText("Answering yourself: small screen").waitFor();
  const overflow = await ana.page.evaluate(
    "document.documentElement.scrollWidth - innerWidth",
  );
  assertEquals(overflow, 0);
  ana.assertNoComplaints();
});
