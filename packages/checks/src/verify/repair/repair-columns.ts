import type { Column, TableDefinition } from '../table/definition.ts';
import { type ColumnSql, columnSql } from './column-sql.ts';

/** A column of the target. */
export interface RepairColumn {
  column: Column;
  /** As the source has it; null where the column is the target's own affair: not on the source, or ignored. */
  wanted: ColumnSql | null;
  found: ColumnSql;
  /** Its value can be given, not only follow from others. */
  writable: boolean;
  /** The server gives it a value of its own when another column of the row changes. */
  updatesItself: boolean;
}

export function repairColumns(
  source: TableDefinition,
  target: TableDefinition,
  ignoreColumns: readonly string[],
): RepairColumn[] {
  const ignored = new Set(ignoreColumns.map((name) => name.toLowerCase()));
  const there = new Map(source.columns.map((column) => [column.name.toLowerCase(), column]));
  return target.columns.map((column) => {
    const lower = column.name.toLowerCase();
    const from = ignored.has(lower) ? undefined : there.get(lower);
    return {
      column,
      wanted: from ? columnSql(from) : null,
      found: columnSql(column),
      writable: column.generated === null,
      updatesItself: column.extra.includes('ON UPDATE'),
    };
  });
}
