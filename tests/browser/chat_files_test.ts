import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";
import { Wire } from "./_wire.ts";

/** A picture of one pixel. */
const PIXEL = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  ),
  (letter) => letter.charCodeAt(0),
);

/** The strip of what goes with the next message. */
function filesOf(visitor: Visitor) {
  return visitor.page.getByRole("list", { name: "Files to be sent" });
}

async function attach(
  visitor: Visitor,
  ...files: readonly { name: string; size: number }[]
): Promise<void> {
  await visitor.page.locator("#attach-input").setInputFiles(
    files.map(({ name, size }) => ({
      name,
      mimeType: "application/octet-stream",
      buffer: Buffer.alloc(size, name),
    })),
  );
}

browserTest("chat sends pictures and files", async (browser) => {
  await using server = await ServerProcess.start([
    "--port=0",
    "--uploads-bytes=1000",
  ]);
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await using ben = await Visitor.inRoom(browser, server.url, { name: "Ben" });
  await ana.page.locator("#attach-input").setInputFiles([
    { name: "boat.png", mimeType: "image/png", buffer: Buffer.from(PIXEL) },
    {
      name: "list.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("bread"),
    },
    {
      name: "large.bin",
      mimeType: "application/octet-stream",
      buffer: Buffer.alloc(1001),
    },
  ]);
  const files = ana.page.getByRole("list", { name: "Files to be sent" });
  await files.getByText("Too large: at most 1 KB.").waitFor();
  await ana.page.getByRole("button", { name: "Remove large.bin" }).click();
  await files.getByText("5 bytes").waitFor();
  await ana.composer.press("Enter");
  const image = ben.log.getByRole("img", { name: "boat.png" });
  await image.waitFor();
  await ben.page.waitForFunction(
    "document.querySelector('.picture img')?.naturalWidth === 1",
  );
  const file = ben.log.getByRole("link", { name: "list.txt" });
  const downloading = ben.page.waitForEvent("download");
  await file.click();
  assertEquals((await downloading).suggestedFilename(), "list.txt");
  ana.assertNoComplaints();
  ben.assertNoComplaints();
});

browserTest("chat takes files that are pasted or dropped", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.inRoom(browser, server.url, { name: "Ana" });
  await ana.page.evaluate(`{
    const files = (name) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["bread"], name, { type: "text/plain" }));
      return transfer;
    };
    const bubbles = true;
    document.getElementById("text").dispatchEvent(
      new ClipboardEvent("paste", { bubbles, clipboardData: files("a.txt") }),
    );
    document.getElementById("logs").dispatchEvent(
      new DragEvent("drop", { bubbles, dataTransfer: files("b.txt") }),
    );
  }`);
  const files = ana.page.getByRole("list", { name: "Files to be sent" });
  await files.getByText("5 bytes").nth(1).waitFor();
  await ana.say("both");
  const line = ana.line("You", "both");
  await line.getByRole("link", { name: "a.txt" }).waitFor();
  await line.getByRole("link", { name: "b.txt" }).waitFor();
  ana.assertNoComplaints();
});

browserTest(
  "chat shows how far a file is, ends it, and tries again",
  async (browser) => {
    await using server = await ServerProcess.start();
    using wire = new Wire(server.url);
    await using ana = await Visitor.inRoom(browser, wire.url, { name: "Ana" });
    wire.silence();
    await attach(
      ana,
      { name: "film.bin", size: 5_000_000 },
      { name: "song.bin", size: 1_000_000 },
    );
    const files = filesOf(ana);
    const bar = files.getByRole("progressbar", { name: "film.bin" });
    await bar.and(ana.page.locator("[value]")).waitFor();
    await files.getByText("Uploading… 100").first().waitFor();
    await ana.say("look");
    await ana.page.getByRole("alert")
      .filter({ hasText: "The files are still on their way." }).waitFor();

    await files.getByRole("button", { name: "Remove film.bin" }).click();
    await bar.waitFor({ state: "detached" });
    assertEquals(
      await ana.page.evaluate("document.activeElement.ariaLabel"),
      "Remove song.bin",
    );

    await files.getByRole("button", { name: "Remove song.bin" }).click();
    wire.cut();
    await ana.isLinked("Connected");

    const uploads = "**/api/v1/uploads*";
    await ana.page.route(uploads, (route) => route.abort("connectionreset"));
    await attach(ana, { name: "song.bin", size: 1_000_000 });
    await files.getByText("The file did not get through.").waitFor();
    await ana.page.unroute(uploads);
    await files.getByRole("button", { name: "Try again with song.bin" })
      .click();
    await files.getByText("1.0 MB").waitFor();
    await ana.composer.press("Enter");
    await ana.hears("You", "look");
    await ana.log.getByRole("link", { name: "song.bin" }).waitFor();
    assertEquals(await files.count(), 0);
  },
);

browserTest(
  "chat sends many files, a few at once, and tells which are too many",
  async (browser) => {
    await using server = await ServerProcess.start([
      "--port=0",
      "--limits-uploads-person=5:0.2",
    ]);
    await using ana = await Visitor.inRoom(browser, server.url, {
      name: "Ana",
    });
    const names = Array.from({ length: 12 }, (_, n) => `file ${n}.bin`);
    await attach(ana, ...names.map((name) => ({ name, size: 1000 })));
    await ana.page.getByRole("alert")
      .filter({ hasText: "at most 10 files; 2 files were left out" })
      .waitFor();
    await filesOf(ana).getByText("1 KB").nth(9).waitFor();
    await ana.say("all of them");
    const line = ana.line("You", "all of them");
    for (const name of names.slice(0, 10)) {
      await line.getByRole("link", { name }).waitFor();
    }
  },
);
