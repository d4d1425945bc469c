import { assertEquals } from "@std/assert";
import { cacheLifetime } from "../../../handlers/static/cache_lifetime.ts";

for (
  const name of [
    "app.0123abcd.js",
    "app-0123abcd.js",
    "app.min-0123abcd.js",
    "app.0123abcd.js.map",
    "app.d41d8cd98f00b204e980.css",
    `font.${"0a".repeat(32)}.woff2`,
    "index-B1h3kLmn.js",
    "main-5ZIKLUPR.js",
    "chunk-4QDKBE2Y.js",
    "my-app-B1h3_Lmn.js",
    "app.0123ABCD.js",
  ]
) {
  Deno.test(`cacheLifetime() is a year when the name is ${name}`, () => {
    assertEquals(
      cacheLifetime(name),
      "public, max-age=31536000, immutable",
    );
  });
}

for (
  const name of [
    "app.js",
    "index.html",
    "README",
    "0123abcd.js",
    "app.0123abcd",
    "app_0123abcd.js",
    "app.0123abc.js",
    `font.${"0a".repeat(33)}.woff2`,
    "page.0123abcd.html",
    "page-B1h3kLmn.HTM",
    "app.0123abcd.a.b.c",
    "report-20260101.pdf",
    "build-12345678.js",
    "two-decade.js",
    "road-facade.svg",
    "some-deadbeef.js",
    "chapter-introduction2.css",
    "book-Chapter1.pdf",
    "trip-IMG_0042.jpg",
    "trip-DSC01234.jpg",
    "index-DiwrgTda.js",
    "jquery-3.7.1.min.js",
    "index-B1h3kLm.js",
    "index-B1h3kLmnO.js",
  ]
) {
  Deno.test(`cacheLifetime() is up to the server when the name is ${name}`, () => {
    assertEquals(cacheLifetime(name), "no-cache");
  });
}
