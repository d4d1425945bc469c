/**
 * What texts have in common that differ only in case, decomposed. Upper case
 * comes in between: it unites what lower case alone keeps apart, as ß and SS. A
 * sigma does not depend on whether it ends a word, and the iota below a letter
 * stays the mark that it looks like.
 */
export function foldCase(text: string): string {
  return text.normalize("NFD").replaceAll("\u0345", "\u0328")
    .toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/** As {@linkcode foldCase}, and without compatibility forms such as fullwidth. */
export function foldForms(text: string): string {
  return foldCase(text.normalize("NFKD"));
}
