import type { TableOverride, TableSelection } from '../../config.ts';
import { displayName, type TableName } from '../../table-name.ts';

/** Whether a `schema.table` pattern with `*` and `?` fits a table. Case counts, as it does on Linux servers. */
export function fits(pattern: string, name: TableName): boolean {
  return toRegExp(pattern).test(displayName(name));
}

export function selected(selection: TableSelection, name: TableName): boolean {
  return (
    selection.include.some((pattern) => fits(pattern, name)) &&
    !selection.exclude.some((pattern) => fits(pattern, name))
  );
}

const none: TableOverride = { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: null };

export function overrideFor(selection: TableSelection, name: TableName): TableOverride {
  return selection.overrides.find((override) => fits(override.match, name)) ?? none;
}

const compiled = new Map<string, RegExp>();

function toRegExp(pattern: string): RegExp {
  let regexp = compiled.get(pattern);
  if (!regexp) {
    const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
      char === '*' ? '.*' : char === '?' ? '.' : `\\${char}`,
    );
    regexp = new RegExp(`^${source}$`, 's');
    compiled.set(pattern, regexp);
  }
  return regexp;
}
