import { assertEquals, assertThrows } from "@std/assert";
import {
  completeDeflateOptions,
  type DeflateOptions,
} from "../../../upgrade/websocket/deflate_options.ts";

Deno.test("completeDeflateOptions() keeps nothing between messages by default", () => {
  assertEquals(completeDeflateOptions({}), {
    threshold: 512,
    level: 6,
    ownContextTakeover: false,
    peerContextTakeover: false,
    ownMaxWindowBits: 15,
    peerMaxWindowBits: 15,
  });
});

Deno.test("completeDeflateOptions() takes every value in range", () => {
  const least: DeflateOptions = {
    threshold: 0,
    level: 1,
    ownContextTakeover: true,
    peerContextTakeover: true,
    ownMaxWindowBits: 9,
    peerMaxWindowBits: 8,
  };
  const most = {
    ...least,
    threshold: Infinity,
    level: 9,
    ownMaxWindowBits: 15,
    peerMaxWindowBits: 15,
  };
  assertEquals(completeDeflateOptions(least), least);
  assertEquals(completeDeflateOptions(most), most);
});

Deno.test("completeDeflateOptions() throws a RangeError when a number is out of range", () => {
  const wrong: DeflateOptions[] = [
    { threshold: -1 },
    { threshold: NaN },
    { level: 0 },
    { level: 10 },
    { level: 1.5 },
    { ownMaxWindowBits: 8 },
    { ownMaxWindowBits: 16 },
    { ownMaxWindowBits: NaN },
    { peerMaxWindowBits: 7 },
    { peerMaxWindowBits: 16 },
    { peerMaxWindowBits: 9.5 },
  ];
  for (const options of wrong) {
    const [name] = Object.keys(options);
    assertThrows(() => completeDeflateOptions(options), RangeError, name);
  }
});
