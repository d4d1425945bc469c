import { assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

/** A server of accounts and guests, and its owner in the lobby. */
async function start(browser: Browser) {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(
    await ServerProcess.start(["--port=0", "--identity=accounts", "--guests"]),
  );
  await server.printed(/code/);
  const ana = opened.use(await Visitor.open(browser, server.url));
  const { page } = ana;
  await page.getByText("Register", { exact: true }).click();
  await ana.nameField.fill("Ana");
  await page.getByLabel("Password").fill("correct horse");
  await page.getByText("I have the owner's code").click();
  await page.getByLabel("Owner's code")
    .fill(/[\w-]{43}/.exec(server.output)![0]);
  await page.locator("#entry-submit").click();
  await ana.seesRoom("lobby");
  const kept = opened.move();
  return { server, ana, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function ofServer({ page }: Visitor, item: string): Promise<void> {
  await page.getByRole("button", { name: "The server" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function ofRoom({ page }: Visitor, item: string): Promise<void> {
  await page.getByRole("button", { name: "The room's menu" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

async function press({ page }: Visitor, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

browserTest(
  "chat lets the server's owner ban, end a ban, and see what was done",
  async (browser) => {
    await using started = await start(browser);
    const { server, ana } = started;
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    assertEquals(await ben.page.locator("#server-open").isVisible(), false);
    await ben.say("rude words");
    await ana.hears("Ben", "rude words");
    await ben.page.getByRole("button", { name: "Leave the room" }).click();
    await ana.seesPeople("Ana");
    // By what was said, since nobody of that name is there.
    await ana.tool("Ben", "rude words", "More");
    await ana.page.getByRole("menuitem", { name: "Ben…" }).click();
    await ana.page.getByRole("menuitem", { name: "Ban from the server…" })
      .click();
    await ana.page.getByLabel("Why").fill("rude");
    await press(ana, "Ban");
    await ben.banner
      .filter({ hasText: /banned from this server until .*: rude/ }).waitFor();

    await ofServer(ana, "Bans…");
    const row = ana.page.locator(".row", { hasText: "Ben" });
    assertMatch(await row.innerText(), /until .*: rude\s+by Ana/);
    await row.getByRole("button", { name: "End the ban" }).click();
    await ana.page.getByText("Nobody is banned.").waitFor();
    await press(ana, "Close");
    await ofServer(ana, "What moderators did…");
    await ana.page.getByText("Ana ended the ban of Ben").waitFor();
    await ana.page.getByText("Ana banned Ben").waitFor();
    await ana.page.getByText(/^for 24 hours: rude, /).waitFor();
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat lets the server's owner make a token of the API, and revoke it",
  async (browser) => {
    await using started = await start(browser);
    const { server, ana } = started;
    await ofServer(ana, "Tokens of the API…");
    await ana.page.getByText("There is none.").waitFor();
    await press(ana, "New token…");
    await ana.page.getByLabel("The bot's name").fill("CI");
    await press(ana, "Make the token");
    await ana.page.getByRole("alert")
      .filter({ hasText: "This is needed: What it may do." }).waitFor();
    await ana.page.getByLabel("Say something").check();
    await press(ana, "Make the token");
    const secret = await ana.page.getByRole("textbox", { name: "The token" })
      .inputValue();
    const say = () =>
      fetch(new URL("/api/v1/rooms/lobby/messages", server.url), {
        method: "POST",
        headers: {
          "authorization": `Bearer ${secret}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ id: crypto.randomUUID(), text: "it is built" }),
      });
    const said = await say();
    await said.body?.cancel();
    assertEquals(said.status, 201);
    await ana.hears("CI", "it is built");

    await press(ana, "Close");
    const row = ana.page.locator(".row", { hasText: "CI" });
    await row.getByRole("button", { name: "Revoke" }).click();
    await row.getByRole("button", { name: "Really revoke?" }).click();
    await ana.page.getByText("There is none.").waitFor();
    // Back where it came from, through all dialogs.
    await ana.page.keyboard.press("Escape");
    await ana.page.locator("#server-open:focus").waitFor();
    const refused = await say();
    await refused.body?.cancel();
    assertEquals(refused.status, 401);
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat empties a room for everybody, once its name was written",
  async (browser) => {
    await using started = await start(browser);
    const { server, ana } = started;
    await using ben = await Visitor.inRoom(browser, server.url, {
      name: "Ben",
    });
    await ana.say("a secret");
    await ben.hears("Ana", "a secret");
    await ofRoom(ana, "Empty the room…");
    await press(ana, "Empty the room");
    await ana.page.getByRole("alert").filter({ hasText: "This is needed" })
      .waitFor();
    await ana.page.getByLabel("Write the room's name").fill("lobby");
    await press(ana, "Empty the room");
    await ben.line("Ana", "a secret").waitFor({ state: "detached" });
    await ana.line("You", "a secret").waitFor({ state: "detached" });
    await ben.say("hello?");
    await ana.hears("Ben", "hello?");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat makes an owner, who steps down, and lists who is not there",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await press(ana, "New room");
    await ana.page.getByLabel("Its name").fill("crew");
    await ana.page.getByLabel("Who may come in").selectOption("private");
    await press(ana, "Make the room");
    await ana.seesRoom("crew");
    await ofRoom(ana, "Invite…");
    await press(ana, "Make a link");
    const link = await ana.page.getByRole("textbox", { name: "The invitation" })
      .inputValue();
    await press(ana, "Close");
    await using ben = await Visitor.open(browser, new URL(link));
    await ben.nameField.fill("Ben");
    await ben.nameField.press("Enter");
    await ben.seesRoom("crew");
    await ana.page.getByRole("button", { name: "Ben" }).click();
    await ana.page.getByRole("menuitem", { name: "Make an owner…" }).click();
    await press(ana, "Make an owner");
    await ana.page.getByRole("button", { name: "Ben owner" }).waitFor();

    await ana.page.getByRole("button", { name: "Ana you, owner" }).click();
    await ana.page.getByRole("menuitem", { name: "No longer be an owner…" })
      .click();
    await press(ana, "Step down");
    await ben.page.getByRole("button", { name: "Ana", exact: true }).waitFor();

    await press(ana, "Leave the room");
    const absent = ben.page.getByRole("list", { name: "Not here now" });
    await absent.getByText("Ana").waitFor();
    // So it is for who comes only now.
    await ben.page.reload();
    await absent.getByText("Ana").waitFor();
    await ana.opens("crew");
    await absent.getByText("Ana").waitFor({ state: "detached" });
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);
