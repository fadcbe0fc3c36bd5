import { readFileSync } from 'node:fs';
import type { SqlRow } from '../../../src/server/sql-server.ts';

/**
 * Rows from a file with `column: value` lines, as mysql's `\G` prints them, a line of `---` between rows. `NULL` is
 * NULL; everything else is text, as the driver hands it over. Lines that begin with # say where they were recorded.
 */
export function recordedRows(file: string): SqlRow[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.split(/^---$/m).map((row) => {
    const lines = row.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        const value = line.slice(colon + 1).trim();
        return [line.slice(0, colon).trim(), value === 'NULL' ? null : value];
      }),
    );
  });
}
