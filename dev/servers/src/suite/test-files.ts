import { glob } from 'node:fs/promises';
import { repository } from './command.ts';

export interface TestFile {
  /** From the root of the repository on, e.g. `packages/checks/test/lag/errant.test.ts`. */
  file: string;
  /** e.g. `packages/checks`. */
  workspace: string;
}

/** Every workspace's test files. */
export async function testFiles(): Promise<TestFile[]> {
  const files: TestFile[] = [];
  for await (const file of glob('{apps,packages,dev}/*/test/**/*.test.ts', { cwd: repository })) {
    files.push({ file, workspace: file.split('/').slice(0, 2).join('/') });
  }
  return files.sort((a, b) => a.file.localeCompare(b.file));
}
