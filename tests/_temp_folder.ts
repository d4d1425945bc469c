/** A folder that is there until it is disposed of. */
export class TempFolder implements AsyncDisposable {
  /** Its path. */
  readonly path: string = Deno.makeTempDirSync();

  /** The path of something in it. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
