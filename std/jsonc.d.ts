// The part of @std/jsonc that this project uses.

/** Parses JSON with comments and trailing commas; throws a `SyntaxError`. */
export declare function parse(text: string): unknown;
