import { eTag } from "@std/http";

/** What {@linkcode EntityTags.of} needs to know of a file. */
export interface TaggedFile {
  /** The file's path. */
  readonly path: string;
  /** What `stat()` says of the open file. */
  readonly info: Pick<Deno.FileInfo, "size" | "mtime" | "ctime" | "ino">;
}

// Up to here the content is hashed, in memory; what is larger would keep the
// first client waiting.
const HASHED_BYTES = 4 * 1024 * 1024;
const REMEMBERED_TAGS = 1_000;
// Two changes within one tick of a file system's clock cannot be told apart.
// The coarsest clock in use counts in steps of 2 s.
const CLOCK_TICK = 2_000;

/**
 * Whether a time is so long ago that no later change can carry the same one.
 * In milliseconds, as all times here.
 */
export function isSettled(time: Date | null, now: number): boolean {
  return time !== null && time.getTime() + CLOCK_TICK <= now;
}

/**
 * Makes the entity tags of files (RFC 9110 §8.8.3), and remembers the last
 * 1,000, so that a file is read for it once and not for each request.
 *
 * Up to 4 MiB a tag is a hash of the content: strong, and the same on every
 * machine that serves the file. Above that it stands for the file's size, inode
 * and times; it is strong too, but weak in the first two seconds after a change,
 * when another change could leave all of them as they are.
 */
export class EntityTags {
  // In the order of their last use.
  readonly #tags = new Map<string, Promise<string>>();

  /**
   * The tag of an open file, which is read from its current position on.
   * Rejects when the file cannot be read.
   */
  of(file: Deno.FsFile, { path, info }: TaggedFile): Promise<string> {
    const { size, mtime, ctime, ino } = info;
    // The change time tells when a file was written and its old time put back.
    const version = [size, mtime?.getTime(), ctime?.getTime(), ino].join("-");
    const now = Date.now();
    const settled = isSettled(mtime, now) && isSettled(ctime ?? mtime, now);
    if (size > HASHED_BYTES) {
      // Another tag than the settled one, which a later change may have to get.
      return tagOf(settled ? version : `new-${version}`, { weak: !settled });
    }

    const key = `${path}\n${version}`;
    const known = this.#tags.get(key);
    const tag = known ?? hash(file, size);
    this.#tags.delete(key);
    this.#tags.set(key, tag);
    if (known === undefined) {
      const forget = () => this.#tags.delete(key);
      tag.then(settled ? undefined : forget, forget);
      this.#forgetOldest();
    }
    return tag;
  }

  #forgetOldest(): void {
    for (const key of this.#tags.keys()) {
      if (this.#tags.size <= REMEMBERED_TAGS) return;
      this.#tags.delete(key);
    }
  }
}

async function hash(file: Deno.FsFile, size: number): Promise<string> {
  const content = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const read = await file.read(content.subarray(length));
    if (read === null) break;
    length += read;
  }
  return await tagOf(content.subarray(0, length), { weak: false });
}

async function tagOf(
  entity: string | Uint8Array,
  options: { weak: boolean },
): Promise<string> {
  return (await eTag(entity, options))!;
}
