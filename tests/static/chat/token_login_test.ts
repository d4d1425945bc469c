import { assertEquals } from "@std/assert";
import { takeReturned, TokenLogin } from "../../../static/chat/token_login.js";

const BACK = "https://chat.example/#kitchen";

function newLogin() {
  return new TokenLogin({ isOnline: () => false, wanted: () => {} });
}

/** The state that the other site gets. */
function begun(login: TokenLogin): string {
  const url = new URL(login.begin("https://club.example/in?for=chat", BACK));
  assertEquals(url.searchParams.get("for"), "chat");
  return url.searchParams.get("state")!;
}

Deno.test("takeReturned() keeps the token of a sign-in that was begun here, once", () => {
  sessionStorage.clear();
  using login = newLogin();
  assertEquals(login.identity, undefined);
  const state = begun(login);
  const hash = `#token=a.b.c&state=${state}`;
  assertEquals(takeReturned(hash), { outcome: "entered", back: BACK });
  assertEquals(takeReturned(hash), { outcome: "unknown" });
  using next = newLogin();
  const { token } = next.identity as { token: () => string };
  assertEquals(token(), "a.b.c");
  next.forget();
  assertEquals(next.identity, undefined);
});

for (
  const [fault, hash] of Object.entries({
    "there is no token": "#state=STATE",
    "there is no state": "#token=a.b.c",
    "the state is another one": "#token=a.b.c&state=STATE0",
    "there is nothing": "",
  })
) {
  Deno.test(`takeReturned() keeps nothing when ${fault}`, () => {
    sessionStorage.clear();
    using login = newLogin();
    const state = begun(login);
    const returned = takeReturned(hash.replace("STATE", state));
    assertEquals(returned, { outcome: "unknown" });
    using next = newLogin();
    assertEquals(next.identity, undefined);
  });
}

Deno.test("takeReturned() keeps nothing when no sign-in was begun", () => {
  sessionStorage.clear();
  assertEquals(takeReturned("#token=a.b.c&state=undefined"), {
    outcome: "unknown",
  });
  assertEquals(sessionStorage.length, 0);
});

Deno.test("TokenLogin takes a newer token for the sign-in that it has begun alone", async () => {
  sessionStorage.clear();
  assertEquals(
    takeReturned(`#token=first&state=${begun(newLoginOf())}`).outcome,
    "entered",
  );
  const wanted: boolean[] = [];
  using login = new TokenLogin({
    isOnline: () => true,
    wanted: (isWanted) => wanted.push(isWanted),
  });
  const { token } = login.identity as { token: () => Promise<string> };
  const newer = token();
  assertEquals(wanted, [true]);
  const url = new URL(login.renew("https://club.example/in"));
  const state = url.searchParams.get("state")!;
  const other = `#token=theirs&state=${state}0`;
  assertEquals(takeReturned(other).outcome, "renewed");
  assertEquals(takeReturned(`#token=ours&state=${state}`).outcome, "renewed");
  assertEquals(await newer, "ours");
  assertEquals(wanted, [true, false]);
});

/** One that is gone at once. */
function newLoginOf(): TokenLogin {
  using login = newLogin();
  return login;
}
