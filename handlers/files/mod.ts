/**
 * The files that people send: taken, kept and found again.
 *
 * @module
 */

export { DiskFiles, type DiskFilesOptions } from "./disk_files.ts";
export {
  type IncomingFile,
  type KeptFile,
  type KeptFiles,
  NoSpaceError,
} from "./kept_files.ts";
export { MemoryFiles, type MemoryFilesOptions } from "./memory_files.ts";
export {
  FileTooLargeError,
  type FoundUpload,
  type UploadInfo,
  Uploads,
  type UploadsOptions,
} from "./uploads.ts";
