import { CHAT_DEFAULTS } from "../chat/config.ts";
import { LIMIT_SETTINGS } from "./limit_settings.ts";
import {
  choice,
  httpUrl,
  list,
  networks,
  path,
  roomNames,
  type SettingKind,
  text,
  wholeNumber,
  yesOrNo,
} from "./setting_kinds.ts";

/**
 * What belongs together, in this order: what is to be said of all of it, and
 * whether the help tells no more of each than its name and default.
 */
export const SETTING_GROUPS = {
  "Where it listens": { general: "", brief: false },
  "How it speaks": { general: "", brief: false },
  "What it keeps": { general: "", brief: false },
  "Who people are": { general: "", brief: false },
  "JSON Web Tokens": {
    general:
      "Where `identity` is `jwt`, exactly one of the first four says which key tokens are signed with.",
    brief: false,
  },
  "Rooms": { general: "", brief: false },
  "Limits": {
    general:
      "A limit is `BURST:SECONDS`: so many at once, and after so many seconds one more. `off` is no limit. Who goes beyond it is told when to try again.",
    brief: true,
  },
} as const;

/** A key of {@linkcode SETTING_GROUPS}. */
export type SettingGroup = keyof typeof SETTING_GROUPS;

/** Something about the server that can be chosen. */
export interface Setting<Value, Default extends Value | undefined> {
  readonly group: SettingGroup;
  readonly kind: SettingKind<Value>;
  /** What is chosen if nothing else is. */
  readonly default: Default;
  /** One sentence that says what it does. */
  readonly words: string;
  /** The variable of the environment, if its name is not made of the key. */
  readonly env?: string;
}

/** A setting of any values. */
// deno-lint-ignore no-explicit-any -- a kind both takes and gives its values
export type AnySetting = Setting<any, any>;

/**
 * All settings, by key. A dot in a key is an object in the file, a hyphen in a
 * flag and an underscore in the environment.
 */
export const SETTINGS = {
  ...group("Where it listens", {
    "host": {
      kind: text("ADDRESS", "an address or a name of this machine"),
      default: "127.0.0.1",
      words: "The address to listen on; 0.0.0.0 for all of IPv4.",
      env: "HOST",
    },
    "port": {
      kind: wholeNumber("PORT", { min: 0, max: 65535 }),
      default: 8000,
      words: "The port to listen on; 0 for any that is free.",
      env: "PORT",
    },
    "tls.cert": {
      kind: path("FILE"),
      default: none<string>(),
      words: "The certificate chain in PEM; with it, the port speaks https.",
    },
    "tls.key": {
      kind: path("FILE"),
      default: none<string>(),
      words: "The certificate's private key in PEM.",
    },
    "unix": {
      kind: path("PATH"),
      default: none<string>(),
      words: "A unix socket to listen on as well, without TLS.",
    },
    "trust-proxy": {
      kind: networks(),
      default: none<readonly string[]>(),
      words:
        "The proxies whose Forwarded or X-Forwarded-* fields are believed.",
    },
    "connections-per-address": {
      kind: wholeNumber("COUNT", { min: 1, max: 1_000_000 }),
      default: 300,
      words:
        "How many connections to the chat one address may have, and as many to everything else; all people behind a proxy have one address, unless `trust-proxy` names it.",
    },
  }),
  ...group("How it speaks", {
    "deflate": {
      kind: yesOrNo(),
      default: false,
      words:
        "Compresses WebSocket messages for who offers it: fewer bytes for more time.",
    },
    "h2c": {
      kind: yesOrNo(),
      default: false,
      words:
        "Speaks HTTP/2 without TLS as well: for clients that ask for it, and for proxies that know it beforehand.",
    },
    "tunnel": {
      kind: list("HOST:PORT", "hosts and ports, such as *.example.com:443"),
      default: none<readonly string[]>(),
      words: "Is a forward proxy to these: CONNECT reaches them.",
    },
    "tunnel-private": {
      kind: networks(),
      default: none<readonly string[]>(),
      words: "Networks that are not public, which the forward proxy may reach.",
    },
  }),
  ...group("What it keeps", {
    "data": {
      kind: path("DIR"),
      default: "data",
      words: "The folder of all that is kept, which is made if there is none.",
    },
    "memory": {
      kind: yesOrNo(),
      default: false,
      words: "Keeps everything in memory instead, until the server ends.",
    },
    "retention.days": {
      kind: wholeNumber("DAYS", { min: 1, max: 36500 }),
      default: none<number>(),
      words: "Forgets messages that are older; without it none.",
    },
    "retention.messages": {
      kind: wholeNumber("COUNT", { min: 1 }),
      default: none<number>(),
      words: "Forgets all but the newest messages of each room, so many.",
    },
    "uploads.bytes": {
      kind: wholeNumber("BYTES", { min: 0, max: 1024 ** 4 }),
      default: 10 * 1024 * 1024,
      words: "The largest file that is taken, in bytes; 0 for no uploads.",
    },
    "uploads.total-bytes": {
      kind: wholeNumber("BYTES", { min: 0, max: 1024 ** 5 }),
      default: 10 * 1024 ** 3,
      words:
        "How many bytes all files may have together; 128 MiB where everything is in memory.",
    },
  }),
  ...group("Who people are", {
    "identity": {
      kind: choice(["open", "accounts", "jwt"]),
      default: "open",
      words:
        "How people say who they are: by a name, by an account here, or by a JSON Web Token.",
    },
    "guests": {
      kind: yesOrNo(),
      default: false,
      words:
        "Lets people in with a name only where `identity` is not `open`, too.",
    },
    "registration": {
      kind: yesOrNo(),
      default: true,
      words: "Lets everybody make an account where `identity` is `accounts`.",
    },
    "grace": {
      kind: wholeNumber("SECONDS", { min: 0, max: 31_536_000 }),
      default: 600,
      words:
        "For how many seconds the name of a guest is held who is not connected; 10 at least.",
    },
    "session-days": {
      kind: wholeNumber("DAYS", { min: 1, max: 3650 }),
      default: 90,
      words:
        "How long a session lasts that is not used; guests who have left nothing are forgotten after it.",
    },
  }),
  ...group("JSON Web Tokens", {
    "jwt.secret-file": {
      kind: path("FILE"),
      default: none<string>(),
      words:
        "A file with a secret of 32 bytes or more, for HS256; white space at its ends does not count.",
    },
    "jwt.key-file": {
      kind: path("FILE"),
      default: none<string>(),
      words: "A file with a public key or a certificate in PEM.",
    },
    "jwt.jwks-file": {
      kind: path("FILE"),
      default: none<string>(),
      words: "A file with a JSON Web Key Set of public keys.",
    },
    "jwt.jwks-url": {
      kind: httpUrl(),
      default: none<string>(),
      words: "The URL of a JSON Web Key Set of public keys.",
    },
    "jwt.algorithms": {
      kind: list("NAME", "names of algorithms, such as RS256"),
      default: none<readonly string[]>(),
      words: "The only algorithms that are taken, of those that fit the key.",
    },
    "jwt.issuer": {
      kind: text("TEXT", "a text"),
      default: none<string>(),
      words: "The issuer (`iss`) that a token has to name.",
    },
    "jwt.audience": {
      kind: text("TEXT", "a text"),
      default: none<string>(),
      words: "The audience (`aud`) that a token has to name.",
    },
    "jwt.clock-tolerance": {
      kind: wholeNumber("SECONDS", { min: 0, max: 600 }),
      default: 5,
      words: "By how many seconds the clocks of both sides may differ.",
    },
    "jwt.name-claim": {
      kind: text("CLAIM", "the name of a claim"),
      default: "name",
      words: "The claim that has the person's name.",
    },
    "jwt.login-url": {
      kind: httpUrl(),
      default: none<string>(),
      words:
        "The page that makes tokens: the chat's page sends people there to sign in.",
    },
    "jwt.owners": {
      kind: list("SUB", "subjects of tokens"),
      default: [],
      words: "The subjects (`sub`) of `jwt.issuer` that own the server.",
    },
  }),
  ...group("Rooms", {
    "rooms.create": {
      kind: choice(["everybody", "owner"]),
      default: CHAT_DEFAULTS.createRooms,
      words: "Who makes rooms: everybody, or the server's owner only.",
    },
    "rooms.default": {
      kind: roomNames(),
      default: ["lobby"],
      words: "Public rooms that are there from the start.",
    },
    "presence.list": {
      kind: wholeNumber("COUNT", { min: 0, max: 10_000 }),
      default: CHAT_DEFAULTS.presenceListMax,
      words: "A room with more members than this tells how many, not who.",
    },
    "presence.away": {
      kind: wholeNumber("SECONDS", { min: 1, max: 86_400 }),
      default: CHAT_DEFAULTS.awayAfter,
      words:
        "After how many seconds without a request somebody counts as away.",
    },
  }),
  ...LIMIT_SETTINGS,
} as const;

/** A key of {@linkcode SETTINGS}. */
export type SettingKey = keyof typeof SETTINGS;

/** What is chosen for each setting. */
export type Config = {
  readonly [Key in SettingKey]: (typeof SETTINGS)[Key] extends
    Setting<infer Value, infer Default>
    ? undefined extends Default ? Value | undefined : Value
    : never;
};

/** All settings in the order of the table. */
export function allSettings(): [SettingKey, AnySetting][] {
  return Object.entries(SETTINGS) as [SettingKey, AnySetting][];
}

/** The flag of a setting: `--tls-cert`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(".", "-")}`;
}

/** The variable of the environment: `SWITCHBOARD_TLS_CERT`. */
export function variableOf(key: SettingKey): string {
  const { env }: AnySetting = SETTINGS[key];
  return env ?? `SWITCHBOARD_${key.toUpperCase().replaceAll(/\W/g, "_")}`;
}

function none<Value>(): Value | undefined {
  return undefined;
}

type Ungrouped = Readonly<Record<string, Omit<AnySetting, "group">>>;

type Grouped<Settings> = {
  readonly [Key in keyof Settings]:
    & Settings[Key]
    & { readonly group: SettingGroup };
};

function group<const Settings extends Ungrouped>(
  group: SettingGroup,
  settings: Settings,
): Grouped<Settings> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, rest]) => [key, { group, ...rest }]),
  ) as Grouped<Settings>;
}
