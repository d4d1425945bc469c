import { assertEquals, assertThrows } from "@std/assert";
import { SignJWT } from "jose";
import { CHAT_DEFAULTS } from "../../../handlers/chat/config.ts";
import {
  CONNECTION_RATES,
  RateLimits,
  RATES,
} from "../../../handlers/chat/rate_limits.ts";
import {
  chatConfig,
  identityOptions,
  ratesOf,
} from "../../../handlers/config/mod.ts";
import { configOf } from "./_config.ts";

const SECRET = "a secret of thirty-two bytes, or more";

function noFile(): never {
  throw new Error("No file is to be read");
}

Deno.test("chatConfig() takes what is chosen, and the chat's defaults otherwise", () => {
  assertEquals({ ...CHAT_DEFAULTS, ...chatConfig(configOf({})) }, {
    ...CHAT_DEFAULTS,
    upload: 10 * 1024 * 1024,
  });
  const file = JSON.stringify({
    rooms: { create: "owner" },
    uploads: { bytes: 0 },
    presence: { list: 5, away: 6 },
    jwt: { "login-url": "https://club.example/chat" },
  });
  assertEquals(chatConfig(configOf({ file })), {
    createRooms: "owner",
    upload: 0,
    presenceListMax: 5,
    awayAfter: 6,
    loginUrl: "https://club.example/chat",
  });
});

Deno.test("ratesOf() is the chat's own table unless a limit is chosen", () => {
  assertEquals(ratesOf(configOf({})), { ...RATES, ...CONNECTION_RATES });
  const config = configOf({
    args: ["--limits-messages-person=1:9", "--limits-typing=off"],
  });
  const limits = new RateLimits({ rates: ratesOf(config), now: () => 0 });
  const ana = { person: "a", address: "192.0.2.1" };
  assertEquals(limits.take("messages", ana), 0);
  assertEquals(limits.take("messages", ana), 9);
  assertEquals(ratesOf(config).messages!.address, RATES.messages.address);
  const connection = limits.connection();
  for (let i = 0; i < 1000; i++) assertEquals(connection.take("typing"), 0);
});

Deno.test("identityOptions() takes what is chosen, and reads no key that is not used", () => {
  const config = configOf({
    args: ["--identity=accounts", "--guests", "--registration=false"],
    file: '{ "grace": 7, "session-days": 2, "jwt": { "key-file": "k" } }',
  });
  assertEquals(identityOptions(config, noFile), {
    mode: "accounts",
    guests: true,
    registration: false,
    grace: 7,
    sessionLifetime: 2 * 24 * 60 * 60,
    tokens: undefined,
  });
});

Deno.test("identityOptions() judges tokens by the key in the file", async () => {
  const config = configOf({
    args: [
      "--identity=jwt",
      "--jwt-secret-file=secret.txt",
      "--jwt-issuer=login",
      "--jwt-name-claim=nick",
      "--jwt-owners=1,2",
    ],
  });
  const read: string[] = [];
  const { tokens } = identityOptions(config, (path) => {
    read.push(path);
    return `${SECRET}\n`;
  });
  assertEquals(read, ["secret.txt"]);
  const sign = (issuer: string) =>
    new SignJWT({ nick: "Ana" }).setProtectedHeader({ alg: "HS256" })
      .setSubject("2").setIssuer(issuer).setExpirationTime("1h")
      .sign(new TextEncoder().encode(SECRET));
  const verdict = await tokens!.verify(await sign("login"));
  if (typeof verdict === "string") throw new Error(verdict);
  assertEquals([verdict.name, verdict.isOwner], ["Ana", true]);
  assertEquals(await tokens!.verify(await sign("other")), "invalid_token");
});

Deno.test("identityOptions() throws a TypeError when the file has another kind of key", () => {
  const config = configOf({
    args: ["--identity=jwt", "--jwt-key-file=secret.txt"],
  });
  assertThrows(() => identityOptions(config, () => SECRET), TypeError);
});
