import type { CellValue } from '../../model/verdict.ts';
import type { SqlValue } from '../../server/sql-server.ts';
import { ident } from '../../server/sql-text.ts';
import type { Column } from '../table/definition.ts';
import { labelNumber, labelsOf, noLabel } from '../table/labels.ts';
import { familyOf } from './encoding.ts';
import { mostShown } from './shown-bounds.ts';

/**
 * The SELECT items that show one column of one side: its value, cut to so many characters, and its length in bytes.
 * Whether values are the same is decided on the server, over all of them.
 */
export function cellSql(column: Column, shownChars = mostShown): [value: string, length: string] {
  const name = ident(column.name);
  switch (familyOf(column)) {
    case 'text':
      if (column.dataType === 'enum' && labelsOf(column).includes(`''`)) {
        return [`IF(${labelNumber(column)} = 0, '${noLabel}', CONVERT(${name} USING utf8mb4))`, 'NULL'];
      }
      return [`LEFT(CONVERT(${name} USING utf8mb4), ${shownChars})`, `LENGTH(${name})`];
    case 'json':
      return [
        `LEFT(CAST(${name} AS CHAR CHARACTER SET utf8mb4), ${shownChars})`,
        `LENGTH(CAST(${name} AS CHAR))`,
      ];
    case 'bytes':
    case 'spatial':
    case 'vector':
      return [`LEFT(HEX(${name}), ${shownChars})`, `LENGTH(HEX(${name})) / 2`];
    case 'bit':
      return [`CAST(${name}+0 AS CHAR)`, 'NULL'];
    case 'float':
      // Either would lose digits of the other.
      return [`CAST(${name}${column.dataType === 'float' ? '+0e0' : ''} AS CHAR)`, 'NULL'];
    default:
      return [`CAST(${name} AS CHAR)`, 'NULL'];
  }
}

/** `shownChars`: what `cellSql` cut it to. */
export function toCell(
  column: Column,
  value: SqlValue,
  length: SqlValue,
  masked: boolean,
  shownChars = mostShown,
): CellValue {
  const family = familyOf(column);
  const hex = family === 'bytes' || family === 'spatial' || family === 'vector';
  const bytes = length === null ? null : Number(length);
  if (masked) return { text: null, encoding: 'masked', bytes: null, truncated: false };
  const text = value === null ? null : value.toString();
  return {
    text,
    encoding: hex ? 'hex' : 'text',
    bytes: bytes ?? (text === null ? null : Buffer.byteLength(text)),
    truncated:
      text !== null &&
      text.length >= shownChars &&
      bytes !== null &&
      bytes > (hex ? shownChars / 2 : shownChars),
  };
}
