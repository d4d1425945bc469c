/** An open file with some content, gone when it is disposed of. */
export class TempFile implements AsyncDisposable {
  readonly file: Deno.FsFile;
  readonly path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.file = file;
    this.path = path;
  }

  /** Makes a file with the content, or with as many zeros. */
  static async make(content: string | number): Promise<TempFile> {
    const path = await Deno.makeTempFile();
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.truncate(path, content);
    return new TempFile(await Deno.open(path), path);
  }

  /** Whether the file was closed by whom it was given to. */
  get isClosed(): boolean {
    try {
      this.file.statSync();
      return false;
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return true;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isClosed) this.file.close();
    await Deno.remove(this.path);
  }
}
