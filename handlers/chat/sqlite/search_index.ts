import type { RoomKind } from "../model.ts";
import type { Connection } from "./connection.ts";

/**
 * What begins the tokens of where a message may be found: a character of private
 * use, so that no word that somebody searches for is the beginning of them.
 */
const SCOPE = "\u{e000}";

/** What finds the messages of public rooms. */
export const PUBLIC_SCOPE: string = `${SCOPE}p`;

/** What finds the messages of a history. */
export function scopeOf(history: number): string {
  return `${SCOPE}h${history}`;
}

/** Writing without spaces between words. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]\p{M}*/gu;

/** A character that belongs to a word, by the tokenizer `unicode61`. */
const WORD_CHARACTER = /[\p{L}\p{N}]/u;

/**
 * Puts characters of writing without spaces apart, each a word of its own, so
 * that every part of such a text can be found: as a phrase.
 */
function spaced(text: string): string {
  return text.replace(UNSPACED, " $& ");
}

/** Makes a message findable. */
export function indexMessage(
  connection: Connection,
  { row, history, kind, text }: {
    readonly row: number;
    readonly history: number;
    readonly kind: RoomKind;
    readonly text: string;
  },
): void {
  const scope = scopeOf(history);
  connection.run(
    "INSERT INTO search (rowid, scope, text) VALUES (?, ?, ?)",
    row,
    kind === "public" ? `${PUBLIC_SCOPE} ${scope}` : scope,
    spaced(text),
  );
}

/** Makes a message unfindable. */
export function unindexMessage(connection: Connection, row: number): void {
  connection.run("DELETE FROM search WHERE rowid = ?", row);
}

/**
 * The query for messages with all words, the last one as a beginning, in one of
 * the scopes; `undefined` if none can be found. Nothing in a word is syntax.
 */
export function searchQuery(
  words: readonly string[],
  scopes: readonly string[],
): string | undefined {
  const searched = words.filter((word) => WORD_CHARACTER.test(word));
  if (searched.length === 0 || scopes.length === 0) return undefined;
  const phrases = searched.map((word) => quoted(spaced(word))).join(" AND ");
  const where = scopes.map(quoted).join(" OR ");
  return `{text} : (${phrases} *) AND {scope} : (${where})`;
}

function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}
