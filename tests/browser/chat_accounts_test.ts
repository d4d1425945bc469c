import { assertEquals } from "@std/assert";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

const PASSWORD = "correct horse";

/** A server of accounts; resolves to it and the owner's code. */
async function startWithAccounts(
  ...args: readonly string[]
): Promise<{ server: ServerProcess; code: string }> {
  const server = await ServerProcess.start([
    "--port=0",
    "--identity=accounts",
    ...args,
  ]);
  await server.printed(/code/);
  const code = /[\w-]{43}/.exec(server.output)![0];
  return { server, code };
}

async function fillIn(
  visitor: Visitor,
  as: { mode: string; name: string; password: string; code?: string },
): Promise<void> {
  const { page } = visitor;
  await page.locator("#entry-modes").getByText(as.mode, { exact: true })
    .click();
  await visitor.nameField.fill(as.name);
  await page.getByLabel("Password").fill(as.password);
  if (as.code !== undefined) {
    await page.getByText("I have the owner's code").click();
    await page.getByLabel("Owner's code").fill(as.code);
  }
  await page.locator("#entry-submit").click();
}

browserTest(
  "chat registers the owner, logs in and out, and knows who comes again",
  async (browser) => {
    const { server: started, code } = await startWithAccounts();
    await using server = started;
    await using ana = await Visitor.open(browser, server.url);
    const owner = { mode: "Register", name: "Ana", password: PASSWORD };
    await fillIn(ana, { ...owner, code: "wrong" });
    await ana.page.getByRole("alert")
      .filter({ hasText: "code is wrong" }).waitFor();
    await ana.page.getByLabel("Owner's code").fill(code);
    await ana.page.locator("#entry-submit").click();
    await ana.seesRoom("lobby");
    await ana.page.reload();
    await ana.seesRoom("lobby");
    await ana.isLinked("Connected");

    await using ben = await Visitor.open(browser, server.url);
    await fillIn(ben, { mode: "Register", name: "Ben", password: "short" });
    await ben.page.getByRole("alert").filter({ hasText: "8 to 256" })
      .waitFor();
    await ben.page.getByLabel("Password").fill(PASSWORD);
    await ben.page.locator("#entry-submit").click();
    await ana.reads("Ben joined");

    await ana.page.locator("#rename-open").click();
    await ana.page.getByRole("button", { name: "Where you are signed in" })
      .click();
    await ana.page.getByText("This device").waitFor();
    await ana.page.getByRole("button", { name: "Close" }).last().click();
    await ana.page.getByRole("button", { name: "Change the password" })
      .click();
    await ana.page.getByLabel("Your password now").fill(PASSWORD);
    await ana.page.getByLabel("The new password").fill("another horse");
    await ana.page.getByRole("button", { name: "Change password" }).click();
    await ana.page.getByLabel("The new password").waitFor({ state: "hidden" });
    await ana.page.getByRole("button", { name: "Sign out" }).click();

    await ana.joinButton.or(ana.page.locator("#entry-submit")).first()
      .waitFor();
    assertEquals(await ana.nameField.inputValue(), "Ana");
    await fillIn(ana, { mode: "Log in", name: "Ana", password: PASSWORD });
    await ana.page.getByRole("alert")
      .filter({ hasText: "The name or the password is wrong." }).waitFor();
    await ana.page.getByLabel("Password").fill("another horse");
    await ana.page.locator("#entry-submit").click();
    await ana.seesRoom("lobby");
    await ben.seesPeople("Ana", "Ben");
    ana.assertNoComplaints();
    ben.assertNoComplaints();
  },
);

browserTest(
  "chat asks who comes when the session was ended on another device",
  async (browser) => {
    const { server: started, code } = await startWithAccounts();
    await using server = started;
    const account = { name: "Ana", password: PASSWORD };
    await using ana = await Visitor.open(browser, server.url);
    await fillIn(ana, { ...account, mode: "Register", code });
    await ana.seesRoom("lobby");
    await using phone = await Visitor.open(browser, server.url);
    await fillIn(phone, { ...account, mode: "Log in" });
    await phone.seesRoom("lobby");
    await ana.seesPeople("Ana");

    await ana.page.locator("#rename-open").click();
    await ana.page.getByRole("button", { name: "Where you are signed in" })
      .click();
    await ana.page.locator(".row", { hasText: "Another device" })
      .getByRole("button", { name: "Sign out" }).click();
    await phone.page.getByRole("alert")
      .filter({ hasText: "Your session has ended" }).waitFor();
    assertEquals(await phone.nameField.inputValue(), "Ana");
    assertEquals(
      await phone.page.getByRole("radio", { name: "Log in" }).isChecked(),
      true,
    );
    ana.assertNoComplaints();
    phone.assertNoComplaints();
  },
);

browserTest("chat lets guests in where they are taken", async (browser) => {
  const { server: started } = await startWithAccounts("--guests");
  await using server = started;
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await ana.seesPeople("Ana");
  await ana.page.getByText("you, guest").waitFor();
  ana.assertNoComplaints();
});
