import type { SqlServer, SqlValue } from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import type { TableDefinition } from '../table/definition.ts';
import { Undecidable } from '../undecidable.ts';

/**
 * Another table may have a table's name for a while, and what it was be what it is again when it is looked at for the
 * last time: renamed to and fro, as when a rebuilt one is put in its place and taken back. So each SELECT brings along
 * whether it was of the one that is meant: while a statement reads a table, that cannot be renamed. This is when that
 * one was made; null where each new name dates it anew (InnoDB on MariaDB).
 */
export function madeAt(server: Pick<SqlServer, 'facts'>, definition: TableDefinition | null): string | null {
  if (!definition || (server.facts?.flavour !== 'mysql' && definition.engine === 'InnoDB')) return null;
  return definition.made;
}

/** A SELECT item: 1 where the table of this name was made then. */
export function isSameItem({ schema, table }: TableName, made: string): string {
  return `(SELECT CREATE_TIME FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = ${text(schema)} AND TABLE_NAME = ${text(table)}) <=> ${text(made)}`;
}

/** Rejects with Undecidable what was read of another one. */
export function mustBeSame({ name }: Pick<SqlServer, 'name'>, isSame: SqlValue): void {
  if (Number(isSame) === 1) return;
  throw new Undecidable(`for a part of the comparison another table had its name on ${name}`);
}
