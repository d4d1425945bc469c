import { createHash } from "node:crypto";
import { addressKey } from "../chat/address_key.ts";
import {
  type AttachmentInfo,
  ChatRefusal,
  type ChatStore,
} from "../chat/mod.ts";
import { ByteBudgets } from "./byte_budgets.ts";
import { fileType, TYPE_BYTES } from "./file_type.ts";
import type { KeptFile, KeptFiles } from "./kept_files.ts";
import { KeyLock } from "./key_lock.ts";

/** What {@linkcode Uploads} are made of. */
export interface UploadsOptions {
  /** What is known of the files. */
  readonly store: Pick<ChatStore, "attachments">;
  /** Where they are. */
  readonly files: KeptFiles;
  /** The largest file that is taken, in bytes; 0 for none at all. */
  readonly maxBytes: number;
  /** How many bytes one person may send a day. Default: 20 times `maxBytes`. */
  readonly personBytes?: number | undefined;
  /** The same for an address. Default: 100 times `maxBytes`. */
  readonly addressBytes?: number | undefined;
  /** The time in milliseconds since 1970. Default: the system's. */
  readonly now?: (() => number) | undefined;
}

/** What somebody says of a file that it sends. */
export interface UploadInfo {
  /** The name. */
  readonly name: string;
  /** What the `Content-Type` field says, if there is one. */
  readonly claimedType: string | null;
  /** The id of the person. */
  readonly person: string;
  /** The address that it comes from, if that is known. */
  readonly address?: string | undefined;
}

/** A file that was found, open for reading. */
export interface FoundUpload {
  /** The media type. */
  readonly type: string;
  /** The file. */
  readonly file: KeptFile;
}

/** Says that a file is larger than is taken. */
export class FileTooLargeError extends RangeError {
  override readonly name = "FileTooLargeError";
  /** For programs. */
  readonly code = "body_too_large";

  /** `most` is how many bytes are taken. */
  constructor(most: number) {
    super(`Cannot take the file: it has more than ${most} bytes`);
  }
}

const DAY = 24 * 60 * 60 * 1000;
const HASH = /^sha256-(?<digest>[0-9a-f]{64})$/;

/**
 * The files of messages: each is kept once, under the SHA-256 of its bytes, and
 * may be used by many messages.
 */
export class Uploads {
  /** The largest file that is taken, in bytes; 0 if none is. */
  readonly maxBytes: number;
  readonly #store: Pick<ChatStore, "attachments">;
  readonly #files: KeptFiles;
  readonly #now: () => number;
  readonly #ofPerson: ByteBudgets;
  readonly #ofAddress: ByteBudgets;
  /** By digest: what is kept is not removed at the same time. */
  readonly #lock = new KeyLock();

  /** Takes the files that are kept there already as they are. */
  constructor(options: UploadsOptions) {
    const { maxBytes, store, files } = options;
    this.maxBytes = maxBytes;
    this.#store = store;
    this.#files = files;
    this.#now = options.now ?? Date.now;
    this.#ofPerson = new ByteBudgets({
      bytes: options.personBytes ?? 20 * maxBytes,
      period: DAY,
    });
    this.#ofAddress = new ByteBudgets({
      bytes: options.addressBytes ?? 100 * maxBytes,
      period: DAY,
    });
  }

  /**
   * Keeps a file; when the promise resolves it survives the end of the process.
   * Nothing is left of one that is not taken, or not sent to its end.
   *
   * Rejects with a {@linkcode FileTooLargeError}, with a `NoSpaceError`, with a
   * `ChatRefusal` of `too_fast` when the person or the address has sent too
   * much, and with what the stream does.
   */
  async take(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    info: UploadInfo,
  ): Promise<AttachmentInfo> {
    await using file = await this.#files.begin();
    const hasher = createHash("sha256");
    const head = new Uint8Array(TYPE_BYTES);
    let size = 0;
    for await (const chunk of content) {
      if (size + chunk.length > this.maxBytes) {
        throw new FileTooLargeError(this.maxBytes);
      }
      this.#spend(chunk.length, info);
      head.set(
        chunk.subarray(0, Math.max(0, TYPE_BYTES - size)),
        Math.min(size, TYPE_BYTES),
      );
      size += chunk.length;
      hasher.update(chunk);
      await file.write(chunk);
    }
    const { name, person, claimedType } = info;
    const type = fileType(head.subarray(0, size), claimedType);
    const digest = hasher.digest("hex");
    const hash = `sha256-${digest}`;
    return await this.#lock.run(digest, async () => {
      const { attachments } = this.#store;
      const known = await attachments.get(hash);
      await file.keep(digest);
      try {
        const about = { by: person, time: this.#now() };
        await attachments.add({ hash, type, size }, about);
      } catch (error) {
        if (known === undefined) await this.#files.remove(digest);
        throw error;
      }
      return { hash, name, type: known?.type ?? type, size };
    });
  }

  /** Finds a file by its hash, which may be any string. */
  async find(hash: string): Promise<FoundUpload | undefined> {
    const digest = digestOf(hash);
    if (digest === undefined) return undefined;
    const info = await this.#store.attachments.get(hash);
    const file = info && await this.#files.open(digest);
    return file && { type: info.type, file };
  }

  /**
   * Removes the files that were sent before a time and that no message has;
   * gives how many. To be called now and then.
   */
  async dropUnused(before: number): Promise<number> {
    const { attachments } = this.#store;
    const hashes = await attachments.dropUnused(before);
    for (const hash of hashes) await this.#removeStray(digestOf(hash)!);
    return hashes.length;
  }

  /**
   * Removes the files that the store knows nothing of, as a crash may leave them;
   * gives how many. To be called now and then.
   */
  async dropStrays(): Promise<number> {
    let count = 0;
    for await (const digest of this.#files.digests()) {
      if (await this.#removeStray(digest)) count++;
    }
    return count;
  }

  #removeStray(digest: string): Promise<boolean> {
    return this.#lock.run(digest, async () => {
      // Somebody may just have sent it again.
      const info = await this.#store.attachments.get(`sha256-${digest}`);
      if (info === undefined) await this.#files.remove(digest);
      return info === undefined;
    });
  }

  /** Counts bytes when they come: also those of files that come to nothing. */
  #spend(bytes: number, { person, address }: UploadInfo): void {
    const use = { bytes, now: this.#now() };
    const key = address === undefined ? undefined : addressKey(address);
    const wait = Math.max(
      this.#ofPerson.wait(person, use),
      key === undefined ? 0 : this.#ofAddress.wait(key, use),
    );
    if (wait > 0) {
      const retry_after = Math.ceil(wait / 1000);
      throw new ChatRefusal("too_fast", { retry_after });
    }
    this.#ofPerson.use(person, use);
    if (key !== undefined) this.#ofAddress.use(key, use);
  }
}

function digestOf(hash: string): string | undefined {
  return HASH.exec(hash)?.groups?.digest;
}
