import { CONTENT_CODINGS, type ContentCoding } from "./content_coding.ts";

/** A file that may be served. */
export interface FoundFile {
  /** Its name as it was asked for; a link's own, not that of its target. */
  readonly name: string;
  /** Its real path, without links. */
  readonly path: string;
  /**
   * The real paths of its precompressed variants, the best first. They stand
   * beside the file, and are named as it is and the coding's extension.
   */
  readonly variants: ReadonlyMap<ContentCoding, string>;
}

interface RealFile {
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/**
 * Finds the file that a pathname means; `undefined` if there is none that may
 * be served.
 *
 * @param root The real path of the folder.
 * @param pathname A URL's pathname.
 */
export async function findFile(
  root: string,
  pathname: string,
): Promise<FoundFile | undefined> {
  const segments = readPathname(pathname);
  if (segments === undefined) return undefined;
  const file = await realFile(root, `${root}/${segments.join("/")}`);
  if (file === undefined) return undefined;
  const variants = await findVariants(root, file);
  return { name: segments.at(-1)!, path: file.path, variants };
}

/** Opens a file; `undefined` if it is not there any more. */
export function openFile(path: string): Promise<Deno.FsFile | undefined> {
  return unlessAbsent(() => Deno.open(path));
}

/** The path below the folder that a pathname means, if it is a harmless one. */
function readPathname(pathname: string): string[] | undefined {
  const wanted = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const segments: string[] = [];
  for (const encoded of wanted.slice(1).split("/")) {
    const segment = decode(encoded);
    // The dot stands for "..", "." and dot files at once.
    if (!segment || segment.startsWith(".") || /[/\\\0]/.test(segment)) {
      return undefined;
    }
    segments.push(segment);
  }
  return segments;
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function realFile(root: string, path: string): Promise<RealFile | undefined> {
  return unlessAbsent(async () => {
    const real = await Deno.realPath(path);
    if (!real.startsWith(root === "/" ? root : `${root}/`)) return undefined;
    // Asked before opening: to open a pipe would wait for its writer.
    const info = await Deno.stat(real);
    return info.isFile ? { path: real, info } : undefined;
  });
}

async function findVariants(
  root: string,
  source: RealFile,
): Promise<Map<ContentCoding, string>> {
  const variants = new Map<ContentCoding, string>();
  const found = await Promise.all(
    CONTENT_CODINGS.map(async ({ name, extension }) => ({
      name,
      file: await realFile(root, source.path + extension),
    })),
  );
  for (const { name, file } of found) {
    if (file !== undefined && !isOlder(file.info, source.info)) {
      variants.set(name, file.path);
    }
  }
  return variants;
}

/** Whether a variant was made of an earlier state of its source. */
function isOlder(variant: Deno.FileInfo, source: Deno.FileInfo): boolean {
  const made = variant.mtime?.getTime() ?? -Infinity;
  const modified = source.mtime?.getTime() ?? Infinity;
  // Compressors give their output the source's time, some in whole seconds.
  const isWhole = made % 1_000 === 0;
  return made < (isWhole ? Math.floor(modified / 1_000) * 1_000 : modified);
}

async function unlessAbsent<Value>(
  action: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await action();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether an error means that there is no such file. */
function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop ||
    (error instanceof Error && "code" in error &&
      error.code === "ENAMETOOLONG");
}
