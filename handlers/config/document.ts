import { presetOf } from "./preset.ts";
import { CONFIG_VARIABLE } from "./read_config.ts";
import {
  allSettings,
  type AnySetting,
  SETTING_GROUPS,
  type SettingGroup,
  type SettingKey,
  variableOf,
} from "./settings.ts";

const INTRODUCTION = `# Configuration

<!-- \`deno task docs\` writes this page from the table of settings. -->

Nothing has to be configured. What can be is said in three places. A flag
outdoes the environment, and the environment outdoes the file.
\`deno task start --help\` tells the same as this page.

| place              | \`port\`                         | \`tls.cert\`                                |
| ------------------ | ------------------------------ | ----------------------------------------- |
| flag               | \`--port 80\` or \`--port=80\`     | \`--tls-cert chat.pem\`                     |
| environment        | \`PORT=80\`                      | \`${
  variableOf("tls.cert")
}=chat.pem\`           |
| configuration file | \`{ "port": 80 }\`               | \`{ "tls": { "cert": "chat.pem" } }\`       |

The file is named by \`--config FILE\` or \`${CONFIG_VARIABLE}\`. It is JSON that
may have comments and trailing commas; all of it is checked, also what is
outdone. A dot in a key is an object in the file, a hyphen in a flag and an
underscore in the environment.

- A setting that is \`true\` or \`false\` needs no value as a flag: \`--deflate\` is
  \`--deflate=true\`.
- A list has commas between its values in flags and in the environment, and is
  an array in the file: \`["lobby", "kitchen"]\`.
- An empty variable of the environment says nothing.
- Paths are seen from the folder that the server is started in.
- Secrets are named by the path of a file, so that no list of processes and no
  environment shows them.
- A setting that is not in this table, or has a value that is not allowed, ends
  the start with a line that names the key, the place and what is allowed.

The server may read and write nothing but the page and \`data/\`. If the settings
name other paths, it does not start, but tells the command that allows them.

For example:

\`\`\`jsonc
{
  "host": "0.0.0.0",
  "port": 443,
  "tls": { "cert": "/etc/chat/cert.pem", "key": "/etc/chat/key.pem" },
  "identity": "accounts",
  "rooms": { "default": ["lobby", "help"], "create": "owner" },
  "retention": { "days": 365 },
  // A slower chat: five messages at once, then one in two seconds.
  "limits": { "messages": { "person": "5:2" } }
}
\`\`\`
`;

/** The example of {@linkcode documentText}, as a file has it. */
export function documentExample(): string {
  return /```jsonc\n(.*?)```/s.exec(INTRODUCTION)![1]!;
}

/** `docs/configuration.md`, from the table of settings. */
export function documentText(): string {
  const groups = Object.keys(SETTING_GROUPS) as SettingGroup[];
  return [INTRODUCTION, ...groups.map(groupText)].join("\n");
}

function groupText(group: SettingGroup): string {
  const { general } = SETTING_GROUPS[group];
  const rows = allSettings().filter(([, setting]) => setting.group === group)
    .map(row);
  return [
    `## ${group}`,
    "",
    ...(general === "" ? [] : [general, ""]),
    "| key | values | default | what it does |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function row([key, { kind, words, env }]: [SettingKey, AnySetting]): string {
  const preset = presetOf(key);
  const told = env === undefined
    ? words
    : `${words} In the environment: \`${env}\`.`;
  return `| ${
    [`\`${key}\``, kind.allowed, preset === "" ? "" : `\`${preset}\``, told]
      .join(" | ")
  } |`;
}
