import type { TableName } from './table-name.ts';

/**
 * Whether a `schema.table` pattern with `*` and `?` fits a table. Its first dot is the one between the two, whatever
 * the names hold; without any it fits all tables of the schema. Case counts, as it does on Linux servers, unless names
 * fold (see `namesFold`).
 */
export function fits(pattern: string, { schema, table }: TableName, fold = false): boolean {
  const parts = toRegExps(pattern, fold);
  return parts.schema.test(schema) && parts.table.test(table);
}

const compiled = new Map<string, Record<keyof TableName, RegExp>>();

function toRegExps(pattern: string, fold: boolean): Record<keyof TableName, RegExp> {
  const key = `${fold ? 'fold' : 'exact'} ${pattern}`;
  let parts = compiled.get(key);
  if (!parts) {
    const [schema = '', ...table] = pattern.split('.');
    parts = {
      schema: toRegExp(schema, fold),
      table: toRegExp(table.length > 0 ? table.join('.') : '*', fold),
    };
    compiled.set(key, parts);
  }
  return parts;
}

/** Of one name, with `*` and `?`. */
export function toRegExp(pattern: string, fold: boolean): RegExp {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
    char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`,
  );
  return new RegExp(`^${source}$`, fold ? 'is' : 's');
}
