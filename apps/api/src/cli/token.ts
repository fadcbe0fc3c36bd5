import { withoutLineBreak } from '../config/secret-file.ts';
import { sentence } from '../config/system-error.ts';
import { readOnce } from '../config/whole-file.ts';
import { type Io, UsageError } from './io.ts';

/** Never an argument, which everybody on the machine can read. Null: none was given. */
export function tokenFrom(file: string | undefined, { env }: Io): string | null {
  if (file === undefined) return env['LOCKSTEP_TOKEN'] ?? null;
  try {
    return withoutLineBreak(readOnce(file).toString());
  } catch (error) {
    throw new UsageError(`--token-file ${file}: ${sentence(error)}`);
  }
}
