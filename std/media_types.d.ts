// The part of @std/media-types that this project uses.

export declare function contentType(
  extensionOrType: string,
): string | undefined;
