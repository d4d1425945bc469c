import { presetOf } from "./preset.ts";
import { CONFIG_VARIABLE } from "./read_config.ts";
import {
  allSettings,
  type AnySetting,
  flagOf,
  SETTING_GROUPS,
  type SettingGroup,
  type SettingKey,
  SETTINGS,
  variableOf,
} from "./settings.ts";

const WIDTH = 80;

const INTRODUCTION = `Switchboard: chat rooms that keep what is said.

deno task start [FLAGS]            starts the server
deno task backup TARGET [FLAGS]    copies what is kept into a new folder
deno task export ROOM [FLAGS]      writes a room to standard output
deno task import [FLAGS]           makes a room of standard input

A flag is written --port 80 or --port=80; one that is true or false may stand
alone. Each is also a variable of the environment, --tls-cert for example
${variableOf("tls.cert")} (--host and --port are HOST and PORT), and a line
of the file that --config FILE or ${CONFIG_VARIABLE} names. A flag outdoes
the environment, and the environment the file. docs/configuration.md has more.`;

const CLOSING =
  `The tasks may read and write nothing but the page and data. With paths of
yours, the server tells the command that allows these too.`;

/** What `--help` tells: all settings, from their table. */
export function helpText(): string {
  const groups = Object.keys(SETTING_GROUPS) as SettingGroup[];
  return [INTRODUCTION, ...groups.map(groupText), CLOSING].join("\n\n");
}

function groupText(group: SettingGroup): string {
  const keys = allSettings().filter(([, setting]) => setting.group === group)
    .map(([key]) => key);
  const { general, brief } = SETTING_GROUPS[group];
  return [
    `${group}:`,
    ...(general === "" ? [] : wrap(general, "  ")),
    ...keys.flatMap(brief ? briefly : inFull),
  ].join("\n");
}

function inFull(key: SettingKey): string[] {
  const { kind, words }: AnySetting = SETTINGS[key];
  const preset = presetOf(key);
  const flag = [flagOf(key), kind.placeholder].filter(Boolean).join(" ");
  const end = preset === "" || preset === "false" ? "" : ` (${preset})`;
  return [`  ${flag}`, ...wrap(words + end, " ".repeat(6))];
}

function briefly(key: SettingKey): string[] {
  return [`  ${flagOf(key)} ${presetOf(key)}`];
}

function wrap(markdown: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of markdown.replaceAll("`", "").split(" ")) {
    if (line !== "" && `${indent}${line} ${word}`.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}
