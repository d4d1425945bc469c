import { assertEquals, assertMatch } from "@std/assert";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

async function choose(visitor: Visitor, item: string): Promise<void> {
  await visitor.page.getByRole("button", { name: "The room's menu" }).click();
  await visitor.page.getByRole("menuitem", { name: item }).click();
}

browserTest(
  "chat makes a private room and brings a friend in by an invitation",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    await ana.page.getByRole("button", { name: "New room" }).click();
    await ana.page.getByLabel("Its name").fill("crew");
    await ana.page.getByLabel("Who may come in").selectOption("private");
    await ana.page.getByRole("button", { name: "Make the room" }).click();
    await ana.seesRoom("crew");
    await choose(ana, "Topic…");
    await ana.page.getByLabel("Topic").fill("Saturday");
    await ana.page.getByRole("button", { name: "Change" }).click();
    await ana.page.locator("#talk-topic", { hasText: "Saturday" }).waitFor();
    await ana.say("only for us");
    await choose(ana, "Invite…");
    await ana.page.getByRole("button", { name: "Make a link" }).click();
    const link = await ana.page.getByRole("textbox", { name: "The invitation" })
      .inputValue();
    const { pathname, search, hash } = new URL(link);
    assertEquals([pathname, search], ["/", ""]);
    assertMatch(hash, /^#invite=[\w-]+&room=crew$/);

    await using cy = await Visitor.inRoom(browser, server.url, { name: "Cy" });
    await cy.page.getByLabel("Join or open a room").fill("crew");
    await cy.page.getByLabel("Join or open a room").press("Enter");
    await cy.page.getByRole("alert")
      .filter({ hasText: "This room is private" }).first().waitFor();

    await using ben = await Visitor.open(browser, new URL(link));
    await ben.page.getByText("You are invited to “crew”").waitFor();
    assertEquals(new URL(ben.page.url()).hash, "#crew");
    await ben.nameField.fill("Ben");
    await ben.nameField.press("Enter");
    await ben.hears("Ana", "only for us");
    // A member needs no invitation any more.
    await ben.page.reload();
    await ben.hears("Ana", "only for us");

    // It is used up; one that is not can be ended.
    await ana.page.getByRole("button", { name: "Close" }).last().click();
    await choose(ana, "Invitations…");
    await ana.page.getByText("There is none that can still be used.")
      .waitFor();
    await ana.page.getByRole("button", { name: "Close" }).last().click();
    await choose(ana, "Invite…");
    await ana.page.getByLabel("For how many people").selectOption("5");
    await ana.page.getByRole("button", { name: "Make a link" }).click();
    const invitation = ana.page.getByRole("textbox", {
      name: "The invitation",
    });
    const second = await invitation.inputValue();
    await ana.page.getByRole("button", { name: "Close" }).last().click();
    await choose(ana, "Invitations…");
    await ana.page.getByText("For 5 people, until").waitFor();
    await ana.page.getByRole("button", { name: "End it" }).click();
    await ana.page.getByText("There is none that can still be used.")
      .waitFor();
    await cy.page.goto(second);
    await cy.page.getByRole("alert")
      .filter({ hasText: "This invitation is wrong, used up or too old." })
      .first().waitFor();
    for (const each of [ana, ben, cy]) each.assertNoComplaints();
  },
);

browserTest("chat has rooms of two people", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  await ana.page.getByRole("button", { name: "Ben" }).click();
  await ana.page.getByRole("menuitem", { name: "Write a direct message" })
    .click();
  await ana.seesRoom("Ben");
  await ana.say("between us");
  await ben.page.getByRole("button", { name: "Ana , 1 new message" }).click();
  await ben.seesRoom("Ana");
  await ben.hears("Ana", "between us");
  await ben.say("yes");
  await ana.hears("Ben", "yes");
  await ana.page.reload();
  await ana.hears("Ben", "yes");
  ana.assertNoComplaints();
  ben.assertNoComplaints();
});

browserTest("chat lists the rooms there are", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, {
    name: "Ana",
    room: "attic",
  });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  await ben.page.getByRole("button", { name: "All rooms" }).click();
  await ben.page.getByRole("button", { name: /^attic/ }).click();
  await ben.seesRoom("attic");
  await ana.reads("Ben joined");
  ben.assertNoComplaints();
});

browserTest("chat finds what was said, and leads there", async (browser) => {
  await using server = await ServerProcess.start([
    "--port=0",
    "--limits-messages-person=off",
    "--limits-messages-address=off",
    "--limits-requests=off",
  ]);
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await ana.say("the needle");
  await ana.hears("You", "the needle");
  await ana.fillRoom(200);
  await ana.page.reload();
  await ana.hears("You", "line 200");
  assertEquals(await ana.line("You", "the needle").count(), 0);
  await ana.page.getByRole("button", { name: "Search", exact: true }).click();
  const query = ana.page.getByRole("searchbox", { name: "What was said" });
  await query.fill("need");
  await query.press("Enter");
  await ana.page.getByRole("button", { name: /the needle/ }).click();
  await ana.page.locator(".line.visited", { hasText: "the needle" }).waitFor();
  assertEquals(await ana.line("You", "line 200").count(), 0);
  // On to what came after it, page by page.
  await ana.page.evaluate(
    "document.querySelector('.lines').lastElementChild.scrollIntoView()",
  );
  await ana.line("You", "line 70").waitFor();
  await ana.page.getByRole("button", { name: "Newest messages" }).click();
  await ana.line("You", "line 200").waitFor();
  await query.fill("haystack");
  await query.press("Enter");
  await ana.page.getByText("Nothing was found.").waitFor();
  ana.assertNoComplaints();
});

browserTest("chat lets a room's owner keep order", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, {
    name: "Ana",
    room: "attic",
  });
  await using ben = await Visitor.inRoom(browser, server.url, {
    name: "Ben",
    room: "attic",
  });
  const act = async (item: string) => {
    await ana.page.getByRole("button", { name: "Ben" }).click();
    await ana.page.getByRole("menuitem", { name: item }).click();
  };
  await ben.say("rude words");
  await ana.tool("Ben", "rude words", "More");
  await ana.page.getByRole("menuitem", { name: "Delete…" }).click();
  await ana.page.getByRole("button", { name: "Delete", exact: true }).click();
  await ben.hears("You", "This message was deleted.");

  await act("Mute…");
  await ana.page.getByLabel("Why").fill("rude");
  await ana.page.getByRole("button", { name: "Mute", exact: true }).click();
  await ben.page.getByRole("alert")
    .filter({ hasText: /You are muted in “attic”.*The reason: rude/ })
    .waitFor();
  // This stays, when the news has gone.
  await ben.page.locator("#composer-problem")
    .filter({ hasText: /^You are muted here until / }).waitFor();
  await ben.say("but");
  await ben.reads("Not sent.");
  await ben.log.getByText("You are muted here.").waitFor();

  await act("Ban…");
  await ana.page.getByRole("button", { name: "Ban", exact: true }).click();
  await ben.page.getByRole("alert")
    .filter({ hasText: "You are banned from “attic”" }).waitFor();
  await ben.page.getByRole("heading", { name: "No line is plugged in" })
    .waitFor();
  await choose(ana, "Bans…");
  await ana.page.getByRole("button", { name: "End the ban" }).click();
  await ana.page.getByRole("button", { name: "Close" }).last().click();
  await ben.opens("attic");
  await choose(ana, "What moderators did…");
  await ana.page.getByText("Ana banned Ben").waitFor();
  ana.assertNoComplaints();
  ben.assertNoComplaints();
});
