import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  CONFIG_VARIABLE,
  readConfig,
} from "../../../handlers/config/read_config.ts";
import {
  allSettings,
  flagOf,
  type SettingKey,
  variableOf,
} from "../../../handlers/config/settings.ts";
import { configOf, refusalOf } from "./_config.ts";

Deno.test("readConfig() gives the defaults when nothing is said", () => {
  const config = configOf({});
  for (const [key, setting] of allSettings()) {
    assertEquals(config[key], setting.default, key);
  }
});

Deno.test("readConfig() takes a flag before the environment, and that before the file", () => {
  const file = '{ "port": 1, "grace": 1, "deflate": true }';
  const env = { PORT: "2", SWITCHBOARD_GRACE: "2" };
  const config = configOf({ file, env, args: ["--port", "3"] });
  assertEquals([config.port, config.grace, config.deflate], [3, 2, true]);
});

Deno.test("readConfig() takes the file that the environment names", () => {
  const read = readConfig([], {
    env: (name) => name === CONFIG_VARIABLE ? "named.json" : undefined,
    readText: (path) => path === "named.json" ? '{ "port": 7 }' : "",
  })!;
  assertEquals([read.config.port, read.configFile], [7, "named.json"]);
});

Deno.test("readConfig() takes each setting from a flag, a variable and the file alike", () => {
  const examples: Partial<Record<SettingKey, string>> = {
    "identity": "accounts",
    "jwt.jwks-url": "https://login.example/jwks.json",
    "jwt.login-url": "https://login.example/chat",
    "rooms.create": "owner",
    "rooms.default": "hall,kitchen",
  };
  for (const [key, { kind }] of allSettings()) {
    const text = examples[key] ?? exampleOf(kind.allowed);
    const isLone = kind.placeholder === undefined;
    const inFile = key.split(".").reduceRight<unknown>(
      (value, name) => ({ [name]: value }),
      kind.fromText(text),
    );
    const env = NEEDED[key] ?? {};
    const values = [
      { env, args: [`${flagOf(key)}=${text}`] },
      { env, args: isLone ? [flagOf(key)] : [flagOf(key), text] },
      { env: { ...env, [variableOf(key)]: text } },
      { env, file: JSON.stringify(inFile) },
    ].map((said) => configOf(said)[key]);
    for (const value of values) assertEquals(value, values[0], key);
    assertEquals(kind.toText(values[0]), text, key);
  }
});

/** Variables without which a setting means nothing. */
const NEEDED: Partial<Record<SettingKey, Readonly<Record<string, string>>>> = {
  "tls.cert": { SWITCHBOARD_TLS_KEY: "key.pem" },
  "tls.key": { SWITCHBOARD_TLS_CERT: "cert.pem" },
  "jwt.owners": { SWITCHBOARD_JWT_ISSUER: "https://login.example" },
  "tunnel-private": { SWITCHBOARD_TUNNEL: "a.example:443" },
};

function exampleOf(allowed: string): string {
  if (allowed.startsWith("a whole number")) return "12";
  if (allowed.startsWith("networks")) return "10.0.0.0/8,unix";
  if (allowed.startsWith("BURST")) return "3:0.5";
  return allowed === "true or false" ? "true" : "some";
}

Deno.test("readConfig() names the key, the place and what is allowed when a value is wrong", () => {
  const port = '"port" has to be a whole number from 0 to 65535.';
  const cases = [
    [{ args: ["--port=65536"] }, `Cannot use --port=65536: ${port}`],
    [{ args: ["--port", "1e3"] }, `Cannot use --port=1e3: ${port}`],
    [{ args: ["--port", "-1"] }, `Cannot use --port=-1: ${port}`],
    [
      { env: { PORT: "http" } },
      `Cannot use PORT=http of the environment: ${port}`,
    ],
    [{ file: '{ "port": "80" }' }, `Cannot use "80" of chat.json: ${port}`],
    [{ file: '{ "port": 1.5 }' }, `Cannot use 1.5 of chat.json: ${port}`],
    [{ file: '{ "port": null }' }, `Cannot use null of chat.json: ${port}`],
    [
      { args: ["--deflate=yes"] },
      'Cannot use --deflate=yes: "deflate" has to be true or false.',
    ],
    [
      { args: ["--identity=none"] },
      'Cannot use --identity=none: "identity" has to be one of open, accounts, jwt.',
    ],
    [
      { file: '{ "rooms": { "default": ["hall", "@me"] } }' },
      'Cannot use ["hall","@me"] of chat.json: "rooms.default" has to be names of rooms that the protocol allows.',
    ],
    [
      { args: ["--trust-proxy", "10.0.0.0/8,home"] },
      'Cannot use --trust-proxy=10.0.0.0/8,home: "trust-proxy" has to be networks, such as 10.0.0.0/8 or unix. Cannot read the network "home": it is no IPv4 or IPv6 address, nor "unix".',
    ],
    [
      { args: ["--jwt-jwks-url=file:///etc/passwd"] },
      'Cannot use --jwt-jwks-url=file:///etc/passwd: "jwt.jwks-url" has to be a URL that begins with https:// or http://.',
    ],
    ...["0:1", "1", "-1:1", "1:-1", "fast", "1:1e9"].map((rate) =>
      [
        { env: { SWITCHBOARD_LIMITS_TYPING: rate } },
        `Cannot use SWITCHBOARD_LIMITS_TYPING=${rate} of the environment: "limits.typing" has to be BURST:SECONDS, such as 20:0.2, or off.`,
      ] as const
    ),
  ] as const;
  for (const [said, message] of cases) {
    assertEquals(refusalOf(said), { code: "wrong_value", message });
  }
});

Deno.test("readConfig() refuses what is no setting", () => {
  const cases = [
    [{ args: ["--prot=1"] }, "There is no option --prot=1; see --help."],
    [{ args: ["-p", "1"] }, "There is no option -p; see --help."],
    [{ args: ["--help=1"] }, "There is no option --help=1; see --help."],
    [
      { file: '{ "jwt": { "isuer": "x" } }' },
      'There is no setting "jwt.isuer", which chat.json has.',
    ],
    [
      { file: '{ "jwt.issuer.x": 1 }' },
      'There is no setting "jwt.issuer.x", which chat.json has.',
    ],
    [
      { file: '{ "__proto__": {} }' },
      'There is no setting "__proto__", which chat.json has.',
    ],
  ] as const;
  for (const [said, message] of cases) {
    assertEquals(refusalOf(said), { code: "unknown_setting", message });
  }
});

Deno.test("readConfig() refuses a flag without its value", () => {
  for (const args of [["--host"], ["--host="], ["--host", "--deflate"]]) {
    assertEquals(refusalOf({ args }), {
      code: "no_value",
      message: "The option --host needs a value; see --help.",
    });
  }
});

Deno.test("readConfig() refuses a file that is no object of settings", () => {
  assertEquals(refusalOf({ file: "[]" }), {
    code: "not_json",
    message: "Cannot read chat.json: it has to be a JSON object.",
  });
  assertEquals(refusalOf({ file: '{ "port": }' }).code, "not_json");
  assertEquals(refusalOf({ file: '{ "jwt": 1 }' }), {
    code: "wrong_value",
    message: 'Cannot use "jwt" of chat.json: it has to be an object.',
  });
});

Deno.test("readConfig() checks the whole file, and no variable that a flag outdoes", () => {
  const args = ["--port=1"];
  assertEquals(configOf({ args, env: { PORT: "http" } }).port, 1);
  assertEquals(
    refusalOf({ args, file: '{ "port": "http" }' }).code,
    "wrong_value",
  );
});

Deno.test("readConfig() wants exactly one key for tokens, and TLS whole", () => {
  const jwt = ["--identity=jwt"];
  const names = "jwt.secret-file, jwt.key-file, jwt.jwks-file, jwt.jwks-url";
  assertEquals(refusalOf({ args: jwt }), {
    code: "conflict",
    message: `With "identity" jwt there has to be one of ${names}, not none.`,
  });
  assertEquals(
    refusalOf({ args: [...jwt, "--jwt-key-file=a", "--jwt-jwks-file=b"] })
      .message,
    `With "identity" jwt there has to be one of ${names}, ` +
      "not jwt.key-file and jwt.jwks-file.",
  );
  assertEquals(
    configOf({ args: [...jwt, "--jwt-key-file=a"] }).identity,
    "jwt",
  );
  for (const args of [["--tls-cert=c"], ["--tls-key=k"]]) {
    assertEquals(refusalOf({ args }).code, "conflict");
  }
});

Deno.test("readConfig() takes owners by token of one issuer only", () => {
  assertEquals(refusalOf({ args: ["--jwt-owners=boss"] }), {
    code: "conflict",
    message: '"jwt.owners" needs "jwt.issuer".',
  });
});

Deno.test("readConfig() reads comments and trailing commas in the file", () => {
  const file = '{\n// the port\n"port": 81, /* all */ "guests": true,\n}';
  const config = configOf({ file });
  assertEquals([config.port, config.guests], [81, true]);
});

Deno.test("readConfig() keeps words, and all that follows --", () => {
  const sources = { env: () => undefined, readText: () => "" };
  const args = ["export", "--data", "d", "hall", "--", "--help"];
  const { flags, config } = readConfig(args, sources)!;
  assertEquals(flags.words, ["export", "hall", "--help"]);
  assertEquals(config.data, "d");
  assertEquals(readConfig(["--port=x", "--help"], sources), undefined);
});

Deno.test("readConfig() throws nothing but its own error, whatever is said", () => {
  const flag = fc.constantFrom(...allSettings().map(([key]) => flagOf(key)));
  const word = fc.oneof(flag, fc.string(), fc.constantFrom("1:2", "on", "5"));
  fc.assert(fc.property(fc.array(word), fc.json(), (args, file) => {
    try {
      configOf({ args });
    } catch (error) {
      assertEquals((error as Error).name, "ConfigError");
    }
    try {
      configOf({ file });
    } catch (error) {
      assertEquals((error as Error).name, "ConfigError");
    }
  }));
});
