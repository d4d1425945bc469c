import { assertEquals } from "@std/assert";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** What Chromium says of its own accord when a server is gone. */
const SERVER_GONE =
  /WebSocket connection to .* failed|net::ERR_CONNECTION_REFUSED/;

/** A person with a browser of their own, looking at one page of the server. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  readonly #complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    this.#listen(page);
    page.context().on("page", (other) => this.#listen(other));
  }

  /** Opens a page in a browser context of its own. */
  static async open(
    browser: Browser,
    url: URL,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(url.href);
    return visitor;
  }

  /** Opens the chat and goes into a room. */
  static async inRoom(
    browser: Browser,
    url: URL,
    as: { name: string; room?: string; context?: BrowserContextOptions },
  ): Promise<Visitor> {
    const { name, room = "lobby", context } = as;
    const visitor = await Visitor.open(browser, url, context);
    await visitor.nameField.fill(name);
    await visitor.roomField.fill(room);
    await visitor.joinButton.click();
    await visitor.seesRoom(room);
    return visitor;
  }

  get nameField() {
    return this.page.getByRole("textbox", { name: "Your name" });
  }

  get roomField() {
    return this.page.getByRole("textbox", { name: "Room", exact: true });
  }

  get joinButton() {
    return this.page.getByRole("button", { name: "Join the room" });
  }

  /** What stands out while something is wrong with the connection. */
  get banner() {
    return this.page.locator(".banner:visible");
  }

  /** The talk of the room in front. */
  get log() {
    return this.page.getByRole("log");
  }

  get status() {
    return this.page.getByRole("status").filter({ hasText: /onnect|ffline/ });
  }

  get composer() {
    return this.page.getByRole("textbox", { name: /^Message/ });
  }

  /** A line of the talk with this text, of this person. */
  line(from: string, text: string) {
    return this.log.locator(".line")
      .filter({ has: this.page.locator(".who", { hasText: from }) })
      .filter({
        has: this.page.locator(".text", {
          // A line that begins with it may not be another one's beginning.
          hasText: typeof text === "string" && /\d$/.test(text)
            ? new RegExp(`${text}$`)
            : text,
        }),
      });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  /** Opens another room from the board. */
  async opens(room: string): Promise<void> {
    const field = this.page.getByLabel("Join or open a room");
    await field.fill(room);
    await field.press("Enter");
    await this.seesRoom(room);
  }

  /** Presses one of the buttons that a line has. */
  async tool(from: string, text: string, name: string): Promise<void> {
    await this.line(from, text).hover();
    await this.line(from, text).getByRole("button", { name, exact: true })
      .click();
  }

  /** Says `line 1` to `line <count>` in the lobby, as fast as it can be. */
  async fillRoom(count: number): Promise<void> {
    await this.page.evaluate(async (count) => {
      const { connectChat }: typeof import("../../static/chat-client/mod.js") =
        await import(
          // @ts-ignore: It is the server that has it.
          "/chat-client/mod.js"
        );
      const resume = JSON.parse(localStorage.getItem("switchboard secret")!);
      const client = connectChat("/chat", { identity: { resume } });
      const room = await client.join("lobby");
      for (let i = 1; i < count; i++) room.send(`line ${i}`);
      await room.send(`line ${count}`);
      await client.close();
    }, count);
  }

  /** What the lines of the talk say, from top to bottom. */
  async texts(): Promise<string[]> {
    return await this.log.locator(".text").allInnerTexts();
  }

  /** Waits until the tab is called so. */
  async hasTitle(title: string): Promise<void> {
    await this.page.waitForFunction(
      `document.title === ${JSON.stringify(title)}`,
    );
  }

  /** Waits until somebody's line is there and confirmed. */
  async hears(from: string, text: string): Promise<void> {
    await this.line(from, text).and(
      this.page.locator(".line:not(.pending):not(.failed)"),
    ).waitFor();
  }

  async seesRoom(room: string): Promise<void> {
    await this.page.getByRole("heading", { name: room, exact: true, level: 1 })
      .waitFor();
    await this.page.getByRole("log", { name: `Messages in ${room}` }).waitFor();
  }

  /** Waits for a notice, or any other text in the talk. */
  async reads(text: string | RegExp): Promise<void> {
    await this.log.getByText(text).waitFor();
  }

  /** Waits until exactly these people are listed, in any order. */
  async seesPeople(...names: string[]): Promise<void> {
    const nth = (index: number) => `:has(> :nth-child(${index}))`;
    let list = this.page.locator(
      `.members${nth(names.length)}:not(${nth(names.length + 1)})`,
    );
    for (const name of names) {
      list = list.filter({ has: this.page.getByText(name, { exact: true }) });
    }
    await list.waitFor();
  }

  /** Waits for a state of the connection. */
  async isLinked(word: string): Promise<void> {
    await this.status.filter({ hasText: word }).waitFor();
  }

  /** Fails if the page threw, or wrote an error or a policy violation. */
  assertNoComplaints(): void {
    assertEquals(this.#complaints, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }

  #listen(page: Page): void {
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() !== "error" || SERVER_GONE.test(text)) return;
      this.#complaints.push(text);
    });
  }
}
