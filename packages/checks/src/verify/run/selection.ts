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

/** An override as it holds for one table. */
export interface RulingOverride extends TableOverride {
  /** Those of `maskColumns` that were written for this table alone. */
  ownMasks?: string[];
}

/** The first that fits rules, but for masks: what any of them masks is masked, in whatever order they stand. */
export function overrideFor(selection: TableSelection, name: TableName): RulingOverride {
  const fitting = selection.overrides.filter((override) => fits(override.match, name));
  const [first = none] = fitting;
  const masks = (overrides: TableOverride[]) => [
    ...new Set(overrides.flatMap(({ maskColumns }) => maskColumns)),
  ];
  const own = masks(fitting.filter(({ match }) => !/[*?]/.test(match) && match.includes('.')));
  return { ...first, maskColumns: masks(fitting), ...(own.length > 0 && { ownMasks: own }) };
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
