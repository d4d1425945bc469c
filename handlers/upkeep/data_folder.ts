/** Where what is kept lies in the folder of the setting `data`. */
export interface DataFolder {
  /** The store, a file of SQLite. */
  readonly store: string;
  /** The folder of the files that were uploaded. */
  readonly files: string;
}

/** The paths in a folder. */
export function dataFolder(path: string): DataFolder {
  return { store: `${path}/chat.db`, files: `${path}/files` };
}
