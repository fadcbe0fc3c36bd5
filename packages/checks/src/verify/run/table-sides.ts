import type { SqlServer } from '../../server/sql-server.ts';
import type { TableName } from '../../table-name.ts';
import { madeAt } from '../chunk/same-table.ts';
import { type RowDocument, TableSide } from '../chunk/table-side.ts';
import { type Key, keyOn } from '../key/key.ts';
import type { RowExpression } from '../row/row-expression.ts';
import type { Definitions } from '../table/definitions.ts';

export interface TableSidesOptions {
  name: TableName;
  source: SqlServer;
  target: SqlServer;
  definitions: Definitions | null;
  key: Key | null;
  /** Null compares only which rows are there. */
  row: RowExpression | null;
  /** What is in them, where a condition may be read otherwise on either side. */
  sought?: RowExpression | null;
  where: string | null;
}

/** Whom a comparison asks of a table, on either side. */
export function tableSides(options: TableSidesOptions): Record<'source' | 'target', TableSide> {
  const { name, key, row, sought = null, where, definitions } = options;
  const side = (which: 'source' | 'target') =>
    new TableSide({
      server: options[which],
      name,
      key: key && keyOn(key, which),
      expression: row?.[which] ?? null,
      documents: row ? documentsOf(row, which) : [],
      sought: sought && { expression: sought[which], documents: documentsOf(sought, which) },
      where,
      showsPending: definitions?.[which]?.engine?.toLowerCase() === 'innodb',
      made: madeAt(options[which], definitions?.[which] ?? null),
    });
  return { source: side('source'), target: side('target') };
}

function documentsOf({ encodings }: RowExpression, which: 'source' | 'target'): RowDocument[] {
  return encodings.filter(({ shape }) => shape === 'document').map((e) => e[which]);
}
