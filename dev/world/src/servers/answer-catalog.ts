import type { SqlRow } from '../engine.ts';
import { mustHave } from './answer-table.ts';
import type { Table } from './table.ts';

/** Answers what verification asks of the catalog; null for a statement that is none of these. */
export function answerCatalog(sql: string, table: Table): SqlRow[] | null {
  if (sql.includes('FROM information_schema.TABLES')) {
    const { made } = table;
    return [
      { asked: 0, s: 'w', t: 't', e: 'InnoDB', n: table.rows.size, b: 40, c: made, kind: 'BASE TABLE' },
    ];
  }
  // Together with a read of the table.
  const [, read] = /EXISTS \(SELECT (.*?) FROM/.exec(sql) ?? [];
  if (read !== undefined) mustHave(read, table.columns);
  if (sql.includes('FROM information_schema.COLUMNS')) return ['id', ...table.columns].map(column);
  if (sql.includes('FROM information_schema.STATISTICS')) return table.keyless ? [] : [primaryKey];
  if (sql.startsWith('SHOW CREATE TABLE')) {
    const lines = ['id', ...table.columns].map((name) => `  \`${name}\` int NOT NULL,`);
    return [{ Table: 't', 'Create Table': ['CREATE TABLE `t` (', ...lines, ')'].join('\n') }];
  }
  return null;
}

function column(name: string): SqlRow {
  return {
    asked: 0,
    name,
    dataType: 'int',
    columnType: 'int(11)',
    nullable: 'NO',
    charset: null,
    collation: null,
    octets: null,
    scale: 0,
    fraction: null,
    extra: '',
    expression: '',
  };
}

const primaryKey: SqlRow = {
  asked: 0,
  name: 'PRIMARY',
  nonUnique: 0,
  col: 'id',
  part: null,
  nullable: '',
  type: 'BTREE',
  direction: 'A',
  expression: null,
  hidden: 0,
};
