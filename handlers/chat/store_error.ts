/** Why a store could not be opened, or a step of it was not carried out. */
export const STORE_ERRORS = {
  cannot_open:
    "Cannot open the store: its folder is not there, or the file is not one to be read.",
  in_use:
    "Cannot open the store: another server uses it. Stop that one first, or give this one another file.",
  not_a_store:
    "Cannot open the store: the file is of another program. Give another file.",
  newer_store:
    "Cannot open the store: a newer version of this server has written it. Start that version, or restore a backup from before it.",
  target_exists:
    "Cannot write the backup: there is a file of that name, which is kept. Give another name.",
  read_only:
    "Cannot store: the file, its folder or its file system may not be written.",
  busy: "Cannot store: another program holds the file.",
  full: "Cannot store: the disk is full.",
  damaged: "Cannot use the store: the file is damaged. Restore a backup.",
  failed: "Cannot use the store: the file system has failed.",
  closed: "Cannot use the store: it is closed.",
} as const;

/** One of the codes of {@linkcode STORE_ERRORS}. */
export type StoreErrorCode = keyof typeof STORE_ERRORS;

/**
 * Nothing was stored, for the reason that `code` names; `cause` is what the
 * system said. After `busy` and `full` a later step may succeed.
 */
export class StoreError extends Error {
  /** Always `StoreError`. */
  override readonly name = "StoreError";
  /** What was wrong, for programs. */
  readonly code: StoreErrorCode;

  /** Says what was wrong; `path` is the file that it is about. */
  constructor(
    code: StoreErrorCode,
    options: { readonly cause?: unknown; readonly path?: string } = {},
  ) {
    const { cause, path } = options;
    super(
      path === undefined
        ? STORE_ERRORS[code]
        : `${STORE_ERRORS[code]} (${path})`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
  }
}
