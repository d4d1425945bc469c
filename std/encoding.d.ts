// The part of @std/encoding that this project uses.

export declare function encodeBase64(
  data: ArrayBuffer | Uint8Array | string,
): string;
export declare function decodeBase64(b64: string): Uint8Array<ArrayBuffer>;
export declare function encodeBase64Url(
  data: ArrayBuffer | Uint8Array | string,
): string;
export declare function encodeHex(
  src: string | Uint8Array | ArrayBuffer,
): string;
