import {
  BodyDecoder,
  CHUNK_END,
  formatChunkHeader,
  formatResponseHead,
  HeadParser,
  LAST_CHUNK,
} from "../upgrade/http1/mod.ts";

const utf8 = new TextEncoder();

const short = utf8.encode("GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n");
const browser = utf8.encode(
  [
    "GET /chat?room=lobby HTTP/1.1",
    "Host: chat.example.com",
    "Connection: Upgrade",
    "Pragma: no-cache",
    "Cache-Control: no-cache",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "Upgrade: websocket",
    "Origin: https://chat.example.com",
    "Sec-WebSocket-Version: 13",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
    "Cookie: session=0123456789abcdef0123456789abcdef",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "",
    "",
  ].join("\r\n"),
);

const data = new Uint8Array(16_384);
const chunk = new Blob([formatChunkHeader(data.length), data, CHUNK_END]);
const chunked = await new Blob([...Array(16).fill(chunk), LAST_CHUNK]).bytes();

const parser = new HeadParser();

function parseHead(bytes: Uint8Array): void {
  parser.reset();
  parser.parse(bytes);
  if (parser.head === undefined) throw new Error("the head is not complete");
}

Deno.bench("HeadParser.parse(), 40 bytes", () => parseHead(short));

Deno.bench("HeadParser.parse(), upgrade of a browser", () => {
  parseHead(browser);
});

Deno.bench("HeadParser.parse(), the same in two pieces", () => {
  parser.reset();
  parser.parse(browser.subarray(0, 300));
  parser.parse(browser.subarray(300));
});

Deno.bench("BodyDecoder.decode(), 256 KiB in chunks of 16 KiB", () => {
  const decoder = new BodyDecoder({ kind: "chunked" });
  for (let at = 0; !decoder.done;) {
    at += decoder.decode(chunked.subarray(at)).consumed;
  }
});

Deno.bench("formatResponseHead(), five fields", () => {
  formatResponseHead({
    status: 200,
    fields: [
      ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
      ["Content-Type", "application/json"],
      ["Content-Length", "27"],
      ["Cache-Control", "no-store"],
      ["Vary", "Accept-Encoding"],
    ],
  });
});
