import type { TableOverride } from '../../config.ts';
import { withoutValues } from '../../server/foreign-text.ts';
import { ServerFault } from '../../server/sql-server.ts';
import type { Column } from '../table/definition.ts';
import type { Definitions } from '../table/definitions.ts';
import type { RulingOverride } from './selection.ts';

export interface Masks {
  masked: (column: string) => boolean;
  /** Written for this very table, and no column of it is called so on either side. */
  unfit: string[];
}

/**
 * Which columns are not to be shown. A mask that was written for this table and fits no column of it protects nothing,
 * and nobody knows what it was meant for: until it does, nothing of the table is shown. What a server makes of a masked
 * column is masked, too.
 */
export function masksOf({ maskColumns, ownMasks = [] }: RulingOverride, sides: Definitions): Masks {
  const columns = [sides.source, sides.target].flatMap((side) => side?.columns ?? []);
  const known = new Set(columns.map(({ name }) => name.toLowerCase()));
  const unfit = ownMasks.filter((name) => name !== '*' && !known.has(name.toLowerCase()));
  const names = withMadeOf(new Set(maskColumns.map((name) => name.toLowerCase())), columns);
  const all = unfit.length > 0 || names.has('*');
  return { masked: (column) => all || names.has(column.toLowerCase()), unfit };
}

/** With the generated columns that are made of these, or of what is made of these; names in lower case. */
function withMadeOf(names: ReadonlySet<string>, columns: readonly Column[]): Set<string> {
  const hidden = new Set(names);
  const madeOf = ({ expression }: Column) => [...hidden].some((name) => isIn(expression, name));
  for (let before = -1; before < hidden.size;) {
    before = hidden.size;
    for (const column of columns) {
      if (column.generated && madeOf(column)) hidden.add(column.name.toLowerCase());
    }
  }
  return hidden;
}

/** As the server writes names in expressions; what is only a text there hides one column more. */
function isIn(expression: string, name: string): boolean {
  return expression.toLowerCase().includes(`\`${name.replaceAll('`', '``')}\``);
}

/** The fault as it may be told of a table with masks: what a server says of a row quotes it. */
export function tellableFault(error: unknown, { maskColumns }: TableOverride): unknown {
  if (maskColumns.length === 0 || !(error instanceof ServerFault) || error.kind !== 'statement') return error;
  const hide = (text: string) => withoutValues(text, error.errno);
  return new ServerFault(error.kind, error.server, hide(error.message), error.errno, {
    reason: hide(error.reason),
  });
}

export function unfitMasks(columns: string[]): string {
  return `maskColumns names ${columns.join(', ')}, and no column is called so`;
}
