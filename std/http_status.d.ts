// The part of @std/http/status that this project uses.

export declare const STATUS_TEXT: Readonly<Record<number, string>>;
