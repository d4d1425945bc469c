/** How many of a file's first bytes {@linkcode fileType} looks at. */
export const TYPE_BYTES = 64;

/** What is said of a file of which nothing is known. */
export const UNKNOWN_TYPE = "application/octet-stream";

/**
 * The types that browsers show in a page. They are told by a file's bytes only,
 * and none of them can hold a script.
 */
const SHOWN_TYPES = [
  { type: "image/png", is: (head) => head.startsWith("\x89PNG\r\n\x1a\n") },
  { type: "image/jpeg", is: (head) => head.startsWith("\xff\xd8\xff") },
  { type: "image/gif", is: (head) => /^GIF8[79]a/.test(head) },
  { type: "image/webp", is: (head) => /^RIFF[^]{4}WEBPVP8/.test(head) },
  { type: "image/avif", is: (head) => brandsOf(head).some(isAvif) },
  { type: "video/mp4", is: (head) => brandsOf(head).some(isMp4) },
  {
    type: "video/webm",
    // RFC 8794 §11.2: the header of EBML, and in it the DocType.
    is: (head) =>
      head.startsWith("\x1a\x45\xdf\xa3") && head.includes("\x42\x82\x84webm"),
  },
  { type: "audio/ogg", is: (head) => head.startsWith("OggS\0") },
] as const satisfies readonly {
  readonly type: string;
  /** Judges the first bytes, as a string of a code unit each. */
  readonly is: (head: string) => boolean;
}[];

/** A media type without parameters (RFC 9110 §8.3.1). */
const MEDIA_TYPE = /^[\w!#$&.+^-]{1,63}\/[\w!#$&.+^-]{1,63}$/;

/** Tells whether files of a type are shown in a page, rather than saved. */
export function isShown(type: string): boolean {
  return SHOWN_TYPES.some((shown) => shown.type === type);
}

/**
 * The media type of a file: by its first bytes if they are those of a picture,
 * a film or a sound that is shown in pages, or else the one that its sender
 * claims, unless it is one of those.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileType } from "./file_type.ts";
 *
 * const gif = new TextEncoder().encode("GIF89a");
 * assertEquals(fileType(gif, "text/html"), "image/gif");
 * const text = new TextEncoder().encode("<script>");
 * assertEquals(fileType(text, "image/gif"), "application/octet-stream");
 * assertEquals(fileType(text, "text/html; charset=utf-8"), "text/html");
 * ```
 *
 * @param start The file's first bytes, {@linkcode TYPE_BYTES} if it has as many.
 * @param claimed What a `Content-Type` field says, if there is one.
 */
export function fileType(
  start: Uint8Array,
  claimed: string | null,
): string {
  const head = String.fromCharCode(...start.subarray(0, TYPE_BYTES));
  const shown = SHOWN_TYPES.find(({ is }) => is(head));
  if (shown !== undefined) return shown.type;
  const type = (claimed ?? "").replace(/;.*/, "").trim().toLowerCase();
  return MEDIA_TYPE.test(type) && !isShown(type) ? type : UNKNOWN_TYPE;
}

/** The brands of an ISO base media file (ISO/IEC 14496-12 §4.3). */
function brandsOf(head: string): string[] {
  if (head.slice(4, 8) !== "ftyp") return [];
  const bytes = [...head.slice(0, 4)].map((each) => each.charCodeAt(0));
  const size = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const box = head.slice(8, size);
  // The second four bytes are a version, not a brand.
  return (box.match(/[^]{4}/g) ?? []).filter((_, index) => index !== 1);
}

function isAvif(brand: string): boolean {
  return brand === "avif" || brand === "avis";
}

function isMp4(brand: string): boolean {
  return /^(?:isom|iso\d|mp4\d|avc1|dash|M4[AV] )$/.test(brand);
}
