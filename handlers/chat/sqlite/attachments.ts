import type { AttachmentInfo } from "../model.ts";
import type { AttachmentStore } from "../store.ts";
import type { Parts } from "./parts.ts";

/** What is known of the files of a store in SQLite. */
export class SqliteAttachments implements AttachmentStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(
    { hash, type, size }: Omit<AttachmentInfo, "name">,
    { by, time }: { readonly by: string; readonly time: number },
  ): Promise<void> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      connection.run(
        `INSERT INTO attachments (hash, type, size, person, time)
         VALUES (?, ?, ?, ?, ?)
         -- Whoever has just uploaded it is about to use it.
         ON CONFLICT (hash) DO UPDATE SET time = max(time, excluded.time)`,
        hash,
        type,
        size,
        personRows.need(by),
        time,
      );
    });
  }

  get(hash: string): Promise<Omit<AttachmentInfo, "name"> | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<Omit<AttachmentInfo, "name">>(
        "SELECT hash, type, size FROM attachments WHERE hash = ?",
        hash,
      );
      return row && { ...row };
    });
  }

  dropUnused(before: number): Promise<readonly string[]> {
    const { connection, turns } = this.#parts;
    return turns.write(() =>
      connection.all<{ hash: string }>(
        `DELETE FROM attachments WHERE time < ? AND NOT EXISTS (
           SELECT 1 FROM attachment_uses u WHERE u.hash = attachments.hash)
         RETURNING hash`,
        before,
      ).map(({ hash }) => hash)
    );
  }
}
