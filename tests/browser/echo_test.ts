import { Buffer } from "node:buffer";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

browserTest(
  "echo sends text and a file, and sees both come back",
  async (browser) => {
    await using server = await ServerProcess.start();
    await using ana = await Visitor.open(
      browser,
      new URL("/echo.html", server.url),
    );
    const { page } = ana;
    await page.getByText(`ws://${server.url.host}/echo`).waitFor();
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await ana.isLinked("Connected");

    await page.getByLabel("Text", { exact: true }).fill("hello 👋");
    await page.getByRole("button", { name: "Send text" }).click();
    const received = page.locator(".frame-in");
    await received.filter({ hasText: "Received text, 10 B" })
      .filter({ hasText: "unchanged after" })
      .filter({ hasText: "hello 👋" }).waitFor();

    const bytes = new Uint8Array(3 * 1024 ** 2).map((_, index) => index * 7);
    await page.getByLabel("File, sent as binary").setInputFiles({
      name: "bytes.bin",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(bytes),
    });
    await page.getByRole("button", { name: "Send file" }).click();
    await received.filter({ hasText: "Received binary, 3.0 MiB" })
      .filter({ hasText: "unchanged after" })
      .filter({ hasText: "00 07 0e 15" }).waitFor();

    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("Nothing has gone over the line yet.").waitFor();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await ana.isLinked("Not connected");
    await page.locator(".frame", { hasText: "Closed with 1000" }).waitFor();
    ana.assertNoComplaints();
  },
);

browserTest("echo measures ping times until it is stopped", async (browser) => {
  await using server = await ServerProcess.start();
  await using ana = await Visitor.open(
    browser,
    new URL("/echo.html", server.url),
  );
  const { page } = ana;
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator("#ping-chart rect").nth(1).waitFor();
  for (const name of ["Last", "Least", "Average", "Most"]) {
    await page.locator(".figures div").filter({ hasText: name })
      .filter({ hasText: /\d ms/ }).waitFor();
  }
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Start" }).waitFor();
  ana.assertNoComplaints();
});

browserTest("echo says why when the server is gone", async (browser) => {
  const server = await ServerProcess.start();
  await using ana = await Visitor.open(
    browser,
    new URL("/echo.html", server.url),
  );
  const { page } = ana;
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await ana.isLinked("Connected");
  await server.end("SIGTERM");
  await page.locator("#echo-reason", { hasText: "Closed with 1001" }).waitFor();
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await page.locator("#echo-reason", { hasText: "Closed with 1006" }).waitFor();
  ana.assertNoComplaints();
});
