import { ident } from '../../server/sql-text.ts';
import { keyLiteral, type KeyValues, type SideKey, type SideKeyColumn } from './key.ts';

export function keyOrder(key: SideKey): string {
  return key.columns.map(({ name, descending }) => `${ident(name)}${descending ? ' DESC' : ''}`).join(', ');
}

/**
 * Rows behind `from`, in the order of the key; written out, because optimizers do not use an index for `(a, b) > (1,
 * 2)`.
 */
export function after(key: SideKey, from: KeyValues): string {
  return compare(key.columns, from, 'after', false);
}

/** Rows up to `to`, it included. */
export function upTo(key: SideKey, to: KeyValues): string {
  return compare(key.columns, to, 'before', true);
}

function compare(
  columns: SideKeyColumn[],
  values: KeyValues,
  side: 'after' | 'before',
  inclusive: boolean,
): string {
  const [column, ...rest] = columns;
  if (!column) return inclusive ? 'TRUE' : 'FALSE';
  const value = values[0] ?? null;
  const operator = (side === 'after') === column.descending ? '<' : '>';
  if (rest.length === 0) return condition(column, inclusive ? `${operator}=` : operator, value);
  const deeper = compare(rest, values.slice(1), side, inclusive);
  return `(${condition(column, `${operator}=`, value)} AND (${condition(column, operator, value)} OR ${deeper}))`;
}

/** Exactly these rows. */
export function anyOf(key: SideKey, keys: KeyValues[]): string {
  const [only] = key.columns;
  if (key.columns.length === 1 && only) {
    return `${ident(only.name)} IN (${keys.map(([value]) => keyLiteral(only, value ?? null)).join(', ')})`;
  }
  return `(${keys
    .map(
      (values) =>
        `(${key.columns.map((column, i) => condition(column, '=', values[i] ?? null)).join(' AND ')})`,
    )
    .join(' OR ')})`;
}

type Operator = '<' | '<=' | '=' | '>' | '>=';

/** More labels are compared by number: right as well, but no index helps. */
const maxLabelsListed = 500;

function condition(column: SideKeyColumn, operator: Operator, value: KeyValues[number]): string {
  const name = ident(column.name);
  const { labels } = column;
  if (column.kind !== 'label' || operator === '=' || labels.length > maxLabelsListed) {
    return `${name} ${operator} ${keyLiteral(column, value)}`;
  }
  // Optimizers look numbers of labels up in an index, but only one by one.
  const at = Number(value);
  const numbers = Array.from({ length: labels.length + 1 }, (_, number) => number).filter(
    (number) =>
      (operator.startsWith('<') ? number < at : number > at) || (operator.endsWith('=') && number === at),
  );
  return numbers.length === 0 ? 'FALSE' : `${name} IN (${numbers.join(', ')})`;
}
