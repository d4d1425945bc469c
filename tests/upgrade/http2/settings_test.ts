import { assertEquals, assertThrows } from "@std/assert";
import { encodeBase64Url } from "@std/encoding";
import { HttpError, type HttpErrorCode } from "../../../upgrade/http1/mod.ts";
import { readHttp2Settings } from "../../../upgrade/http2/settings.ts";
import { concat, setting } from "../_http2_peer.ts";

const LISTED = ["connection", "Upgrade, HTTP2-Settings"] as const;

function read(value: string): Uint8Array {
  return readHttp2Settings([LISTED, ["http2-settings", value]]);
}

function readAll(...settings: Uint8Array[]): Uint8Array {
  return read(encodeBase64Url(concat(settings)));
}

function assertRefuses(code: HttpErrorCode, act: () => unknown): void {
  assertEquals(assertThrows(act, HttpError).code, code);
}

Deno.test("readHttp2Settings() gives the settings as they came", () => {
  const settings = [setting(3, 100), setting(4, 65_535), setting(2, 0)];
  assertEquals(readAll(...settings), concat(settings));
});

Deno.test("readHttp2Settings() keeps the last value of each setting that has a meaning", () => {
  assertEquals(
    readAll(setting(3, 1), setting(0x7777, 9), setting(4, 5), setting(3, 2)),
    concat([setting(3, 2), setting(4, 5)]),
  );
});

Deno.test("readHttp2Settings() finds its name in any of the Connection fields, in any case", () => {
  const settings = ["http2-settings", "AAMAAABk"] as const;
  assertEquals(
    readHttp2Settings([
      ["connection", "upgrade"],
      settings,
      ["connection", "a, HTTP2-SETTINGS"],
    ]),
    setting(3, 100),
  );
});

Deno.test("readHttp2Settings() refuses a field that is missing, repeated or not listed", () => {
  const settings = ["http2-settings", "AAMAAABk"] as const;
  assertRefuses("http2_settings_missing", () => readHttp2Settings([LISTED]));
  assertRefuses(
    "http2_settings_repeated",
    () => readHttp2Settings([LISTED, settings, settings]),
  );
  for (
    const connection of ["Upgrade", "upgrade, http2", "", "http2-settings x"]
  ) {
    assertRefuses(
      "http2_settings_not_in_connection",
      () => readHttp2Settings([["connection", connection], settings]),
    );
  }
});

Deno.test("readHttp2Settings() refuses what is no settings in base64url", () => {
  const values = [
    "",
    "AAMAAABk=",
    "AAMAAAB",
    "AAMAAABkA",
    "AAMAAABkAAMA",
    "AAMAAA+/",
    "AAMA AABk",
    "AAMAAABk,AAMAAABk",
    "AAMAAABé",
  ];
  for (const value of values) {
    assertRefuses("bad_http2_settings", () => read(value));
  }
});

Deno.test("readHttp2Settings() refuses a value out of its range, and takes its limits", () => {
  const refused = [
    setting(2, 2),
    setting(4, 2 ** 31),
    setting(5, 2 ** 14 - 1),
    setting(5, 2 ** 24),
  ];
  for (const bad of refused) {
    assertRefuses(
      "http2_setting_out_of_range",
      () => readAll(setting(3, 100), bad),
    );
  }
  const taken = [
    setting(1, 2 ** 32 - 1),
    setting(2, 1),
    setting(3, 2 ** 32 - 1),
    setting(4, 2 ** 31 - 1),
    setting(5, 2 ** 24 - 1),
    setting(6, 2 ** 32 - 1),
  ];
  assertEquals(readAll(...taken), concat(taken));
  assertEquals(readAll(setting(5, 2 ** 14)), setting(5, 2 ** 14));
});
