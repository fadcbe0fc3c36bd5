import type { SqlValue } from '../../server/sql-server.ts';
import type { Index } from '../table/definition.ts';
import type { RepairColumn } from './repair-columns.ts';
import type { RowValues, Update } from './row-statements.ts';

/**
 * The rows that hold a value of a unique index that another row is to get: two rows that swapped theirs cannot be
 * updated one after the other. When in doubt a row is taken for one.
 */
export function inTheWay(uniques: Index[], columns: RepairColumn[], updates: Update[]): Set<Update> {
  const found = new Set<Update>();
  const places = new Map(columns.map(({ column }, i) => [column.name.toLowerCase(), i]));
  for (const index of uniques) {
    const at = index.columns.map((name) => places.get(name?.toLowerCase() ?? ''));
    const tuple = (values: RowValues) =>
      at.map((i) => (i === undefined ? null : likeness(values[i] ?? null, columns[i])));
    const moving = updates.filter(({ wanted, found }) =>
      at.some((i) => i === undefined || wanted[i] !== found[i]),
    );
    // What is in a prefix or an expression is not known here.
    if (index.prefixed || at.includes(undefined)) {
      if (moving.length > 1) for (const update of moving) found.add(update);
      continue;
    }
    const holders = new Map<string, Update[]>();
    for (const update of moving) {
      const held = tuple(update.found);
      if (held.includes(null)) continue;
      const id = JSON.stringify(held);
      holders.set(id, [...(holders.get(id) ?? []), update]);
    }
    for (const update of moving) {
      for (const holder of holders.get(JSON.stringify(tuple(update.wanted))) ?? []) {
        if (holder !== update) found.add(holder);
      }
    }
  }
  return found;
}

/** The same for all texts that a collation may take for equal. */
function likeness(value: SqlValue, of: RepairColumn | undefined): string | null {
  if (value === null) return null;
  if (of?.column.charset == null) return String(value);
  const encoding = /^(latin|cp125|ascii)/.test(of.column.charset) ? 'latin1' : 'utf8';
  return Buffer.from(String(value), 'hex')
    .toString(encoding)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .trimEnd();
}
