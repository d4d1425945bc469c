import { assertEquals, assertMatch } from "@std/assert";
import { SignJWT } from "jose";
import type { Browser } from "playwright-core";
import { ServerProcess } from "../_server_process.ts";
import { browserTest } from "./_browser.ts";
import { Visitor } from "./_visitor.ts";

const SECRET = "a secret of thirty-two bytes, or more";

/** A site with a login of its own, and the chat that belongs to it. */
class Club implements AsyncDisposable {
  readonly #site: Deno.HttpServer<Deno.NetAddr>;
  readonly #secretFile: string;
  #chat!: ServerProcess;
  /** How many seconds its tokens last. */
  lasts = 3600;
  /** What the site was asked for, without its host. */
  readonly asked: string[] = [];

  private constructor(secretFile: string) {
    this.#secretFile = secretFile;
    this.#site = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  static async open(...args: readonly string[]): Promise<Club> {
    const secretFile = await Deno.makeTempFile();
    await Deno.writeTextFile(secretFile, SECRET);
    const club = new Club(secretFile);
    club.#chat = await ServerProcess.start([
      "--port=0",
      "--identity=jwt",
      `--jwt-secret-file=${secretFile}`,
      "--jwt-clock-tolerance=0",
      `--jwt-login-url=http://${club.host}/login?for=chat`,
      ...args,
    ], { paths: [secretFile] });
    return club;
  }

  get host(): string {
    return `127.0.0.1:${this.#site.addr.port}`;
  }

  get url(): URL {
    return this.#chat.url;
  }

  /** Opens the chat, and goes to the site's login. */
  async visit(browser: Browser, hash = ""): Promise<Visitor> {
    const visitor = await Visitor.open(browser, new URL(hash, this.url));
    await visitor.page.getByRole("button", { name: `Sign in at ${this.host}` })
      .click();
    return visitor;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    if (pathname === "/login") {
      this.asked.push(pathname + search);
      const state = searchParams.get("state");
      const page = ["Ana", "Ben"].map((name) =>
        `<p><a href="/in?as=${name}&state=${state}">I am ${name}</a></p>`
      );
      return new Response(
        `<!DOCTYPE html><title>Club</title>${page.join("")}`,
        {
          headers: { "content-type": "text/html" },
        },
      );
    }
    // Such as the icon of the page.
    if (pathname !== "/in") return new Response(null, { status: 204 });
    const name = searchParams.get("as")!;
    const token = await this.tokenOf(name);
    const fields = new URLSearchParams({
      token,
      state: searchParams.get("state")!,
    });
    const location = new URL(`signed-in.html#${fields}`, this.url).href;
    return new Response(null, { status: 302, headers: { location } });
  }

  async tokenOf(name: string): Promise<string> {
    return await new SignJWT({ name }).setProtectedHeader({ alg: "HS256" })
      .setSubject(name).setExpirationTime(`${this.lasts} seconds`)
      .sign(new TextEncoder().encode(SECRET));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chat[Symbol.asyncDispose]();
    await this.#site.shutdown();
    await Deno.remove(this.#secretFile);
  }
}

/** Stays signed in, by a window that closes itself. */
async function signInAgain({ page }: Visitor, name: string): Promise<void> {
  const [login] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("button", { name: "Stay signed in" }).click(),
  ]);
  await Promise.all([
    login.waitForEvent("close"),
    // It may close before the click is known to be over.
    login.getByRole("link", { name: `I am ${name}` }).click().catch(() => {}),
  ]);
}

browserTest(
  "chat brings people in by the login of another site",
  async (browser) => {
    await using club = await Club.open();
    await using ana = await club.visit(browser, "#kitchen");
    assertMatch(club.asked[0]!, /^\/login\?for=chat&state=[0-9a-f]{32}$/);
    await ana.page.getByRole("link", { name: "I am Ana" }).click();
    await ana.seesRoom("kitchen");
    await ana.seesPeople("Ana");
    assertEquals(new URL(ana.page.url()).pathname, "/");
    assertEquals(new URL(ana.page.url()).hash, "#kitchen");
    await ana.say("hello");
    await ana.hears("You", "hello");
    // The token is nowhere that one could go back to.
    const { entries } = await ana.page.evaluate(() => ({
      entries: (globalThis as unknown as { performance: Performance })
        .performance.getEntries().map(({ name }) => name),
    }));
    assertEquals(entries.filter((name) => name.includes("token=")), []);
    // It does until it ends.
    await ana.page.reload();
    await ana.hears("You", "hello");
    await ana.isLinked("Connected");

    await ana.page.locator("#rename-open").click();
    await ana.page.getByRole("button", { name: "Sign out" }).click();
    await ana.page.getByRole("button", { name: /^Sign in at/ }).waitFor();
    await ana.page.reload();
    await ana.page.getByRole("button", { name: /^Sign in at/ }).click();
    await ana.page.getByRole("link", { name: "I am Ben" }).click();
    await ana.seesPeople("Ben");
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat takes no token whose sign-in was not begun in the tab",
  async (browser) => {
    await using club = await Club.open();
    const token = await club.tokenOf("Mallory");
    const link = new URL(`signed-in.html#token=${token}&state=0`, club.url);
    await using ana = await Visitor.open(browser, link);
    await ana.page.getByText("was not begun in this window").waitFor();
    assertEquals(new URL(ana.page.url()).hash, "");
    await ana.page.getByRole("link", { name: "Open the chat" }).click();
    await ana.page.getByRole("button", { name: /^Sign in at/ }).click();
    await ana.page.getByRole("link", { name: "I am Ana" }).click();
    await ana.seesPeople("Ana");
    // Nor one that only says that a tab waits for it.
    const other = await ana.page.context().newPage();
    await other.goto(
      new URL(`signed-in.html#token=${token}&state=renewal.1`, club.url).href,
    );
    await ana.page.reload();
    await ana.seesPeople("Ana");
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat stays signed in without a new connection, and asks again when it has ended",
  async (browser) => {
    await using club = await Club.open();
    await using ana = await club.visit(browser);
    await ana.page.clock.install();
    let connections = 0;
    ana.page.on("websocket", () => connections++);
    await ana.page.getByRole("link", { name: "I am Ana" }).click();
    // Its time has begun.
    await ana.seesPeople("Ana");
    const stay = ana.page.getByRole("button", { name: "Stay signed in" });
    assertEquals([connections, await stay.isVisible()], [1, false]);
    await ana.page.clock.fastForward("50:00");
    await stay.waitFor();
    club.lasts = 5;
    await signInAgain(ana, "Ana");
    await stay.waitFor({ state: "hidden" });
    assertMatch(club.asked.at(-1)!, /&state=renewal\.[0-9a-f]{32}$/);
    await ana.say("still here");
    await ana.hears("You", "still here");
    assertEquals(connections, 1);

    await ana.page.getByRole("alert")
      .filter({ hasText: "Your sign-in has ended. Sign in again." })
      .waitFor();
    club.lasts = 3600;
    await ana.page.getByRole("button", { name: /^Sign in at/ }).click();
    await ana.page.getByRole("link", { name: "I am Ana" }).click();
    await ana.hears("You", "still here");
    ana.assertNoComplaints();
  },
);

browserTest(
  "chat stays who one is when somebody else signs in meanwhile",
  async (browser) => {
    await using club = await Club.open();
    await using ana = await club.visit(browser);
    await ana.page.clock.install();
    await ana.page.getByRole("link", { name: "I am Ana" }).click();
    await ana.seesPeople("Ana");
    await ana.page.clock.fastForward("50:00");
    await signInAgain(ana, "Ben");
    await ana.page.getByRole("alert")
      .filter({ hasText: "You have signed in as somebody else." }).waitFor();
    await ana.page.reload();
    await ana.seesPeople("Ana");
    ana.assertNoComplaints();
  },
);

browserTest("chat takes guests beside those with a token", async (browser) => {
  await using club = await Club.open("--guests");
  await using cy = await Visitor.inRoom(browser, club.url, { name: "Cy" });
  await cy.page.getByText("you, guest").waitFor();
  await using ana = await club.visit(browser);
  await ana.page.getByRole("link", { name: "I am Ana" }).click();
  await cy.seesPeople("Ana", "Cy");
  ana.assertNoComplaints();
  cy.assertNoComplaints();
});
