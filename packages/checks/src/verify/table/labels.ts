import { ident } from '../../server/sql-text.ts';
import type { Column } from './definition.ts';

/** Stands for a value that was none of its ENUM's labels when it was written, where '' is one of them. */
export const noLabel = '(no label)';

/** The labels of an ENUM or SET as information_schema writes them, quotes and escapes included, in their order. */
export function labelsOf(column: Column): string[] {
  // One without an end goes to the end of all, so that it is not looked for from every quote anew.
  return (column.columnType.match(/'(?:[^'\\]|''|\\.)*(?:'|\\?$)/gs) ?? []).filter(isClosed);
}

function isClosed(label: string): boolean {
  return label.length > 1 && label.endsWith("'");
}

/** A label as it is. */
export function unquoted(label: string): string {
  return label.slice(1, -1).replace(/''|\\(.)/gs, (pair, escaped?: string) => escaped ?? pair.slice(1));
}

/** information_schema prints a label beyond the BMP as `?`, so one with a `?` may be any. */
export function labelsAreKnown(column: Column): boolean {
  return !labelsOf(column).some((label) => label.includes('?'));
}

/** Both sides number the same labels alike, as far as that can be known. */
export function sameLabels(source: Column, target: Column): boolean {
  return String(labelsOf(source)) === String(labelsOf(target)) && labelsAreKnown(source);
}

/** The number of an ENUM's label, 0 where the value was no label; a SET's bits. Exact up to 64 of them. */
export function labelNumber(column: Column): string {
  return `CAST(${ident(column.name)} AS UNSIGNED)`;
}

/** A SET's members as digits 0 and 1, in the order of the labels of both sides together. */
export function memberDigits({ source, target }: { source: Column; target: Column }): {
  source: string;
  target: string;
} {
  const all = [...new Set([...labelsOf(source), ...labelsOf(target)])].sort();
  const digits = (side: Column) => {
    const own = labelsOf(side);
    const bits = all.map((label) => {
      const bit = own.indexOf(label);
      return bit < 0 ? `'0'` : `${labelNumber(side)} >> ${bit} & 1`;
    });
    return `CONCAT(${bits.join(', ')})`;
  };
  return { source: digits(source), target: digits(target) };
}
