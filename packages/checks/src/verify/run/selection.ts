import type { TableOverride, TableSelection } from '../../config.ts';
import type { TableName } from '../../table-name.ts';

/**
 * Whether a `schema.table` pattern with `*` and `?` fits a table. Its first dot is the one between the two, whatever
 * the names hold; without any it fits all tables of the schema. Case counts, as it does on Linux servers.
 */
export function fits(pattern: string, { schema, table }: TableName): boolean {
  const parts = toRegExps(pattern);
  return parts.schema.test(schema) && parts.table.test(table);
}

export function selected(selection: TableSelection, name: TableName): boolean {
  return (
    selection.include.some((pattern) => fits(pattern, name)) &&
    !selection.exclude.some((pattern) => fits(pattern, name))
  );
}

/** Whether a table of the schema may be selected. */
export function maySelect(selection: TableSelection, schema: string): boolean {
  return selection.include.some((pattern) => toRegExp(pattern.split('.')[0] ?? '').test(schema));
}

const none: TableOverride = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: null };

export function overrideFor(selection: TableSelection, name: TableName): TableOverride {
  return selection.overrides.find((override) => fits(override.match, name)) ?? none;
}

const compiled = new Map<string, Record<keyof TableName, RegExp>>();

function toRegExps(pattern: string): Record<keyof TableName, RegExp> {
  let parts = compiled.get(pattern);
  if (!parts) {
    const [schema = '', ...table] = pattern.split('.');
    parts = { schema: toRegExp(schema), table: toRegExp(table.length > 0 ? table.join('.') : '*') };
    compiled.set(pattern, parts);
  }
  return parts;
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
    char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`,
  );
  return new RegExp(`^${source}$`, 's');
}
