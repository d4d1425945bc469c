import { type AnySetting, type SettingKey, SETTINGS } from "./settings.ts";

/** The default of a setting as a text; empty if there is none. */
export function presetOf(key: SettingKey): string {
  const { kind, default: preset }: AnySetting = SETTINGS[key];
  return preset === undefined ? "" : kind.toText(preset);
}
