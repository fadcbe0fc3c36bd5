import { type Finding, show } from '../explain.ts';
import type { Path } from '../path.ts';
import { sentence } from '../system-error.ts';

/** A finding when `read` throws. */
export function readable(path: Path, file: string, read: () => unknown): Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    return [{ path, message: `expected a file that can be read, found ${show(file)}: ${sentence(error)}` }];
  }
}
