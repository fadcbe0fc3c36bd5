import type { TableName } from './table-name.ts';
import { wildcards } from './wildcards.ts';

/**
 * What a `schema.table` pattern with `*` and `?` fits. Its first dot is the one between the two, whatever the names
 * hold; without any it fits all tables of the schema. Case counts, as it does on Linux servers, unless names fold (see
 * `namesFold`).
 */
export function tablePattern(pattern: string, fold = false): (name: TableName) => boolean {
  const [schema = '', ...table] = pattern.split('.');
  const ofSchema = wildcards(schema, fold);
  const ofTable = wildcards(table.length > 0 ? table.join('.') : '*', fold);
  return (name) => ofSchema(name.schema) && ofTable(name.table);
}

/** The same, for a table. */
export function fits(pattern: string, name: TableName, fold = false): boolean {
  return tablePattern(pattern, fold)(name);
}
