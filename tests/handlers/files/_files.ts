import {
  DiskFiles,
  type KeptFiles,
  MemoryFiles,
} from "../../../handlers/files/mod.ts";

/** Files of a kind, and what is needed to look behind it. */
export interface TestFiles {
  readonly files: KeptFiles & { readonly bytes: number };
  /** The names in the folder, if there is one. */
  names(): string[] | undefined;
}

/** Runs a test with files on a disk, and another one with files in memory. */
export function testWithFiles(
  title: string,
  test: (context: TestFiles) => Promise<void>,
  { maxBytes }: { readonly maxBytes?: number } = {},
): void {
  Deno.test(`DiskFiles ${title}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await test({
        files: await DiskFiles.open(`${folder}/files`, { maxBytes }),
        names: () =>
          [...Deno.readDirSync(`${folder}/files`)].map(({ name }) => name)
            .sort(),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
  Deno.test(`MemoryFiles ${title}`, async () => {
    await test({
      files: new MemoryFiles({ maxBytes }),
      names: () => undefined,
    });
  });
}

/** Bytes of a text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
