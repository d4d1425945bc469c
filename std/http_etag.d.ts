// The part of @std/http/etag that this project uses.

export declare function eTag(
  entity: string | Uint8Array | {
    readonly mtime: Date | null;
    readonly size: number;
  },
  options?: { algorithm?: "SHA-256" | "SHA-384" | "SHA-512"; weak?: boolean },
): Promise<string | undefined>;
export declare function ifMatch(
  value: string | null,
  etag: string | undefined,
): boolean;
export declare function ifNoneMatch(
  value: string | null,
  etag: string | undefined,
): boolean;
