import { createHash } from 'node:crypto';
import type { SqlValue } from '../../server/sql-server.ts';
import { ident, text } from '../../server/sql-text.ts';
import { familyOf } from '../row/encoding.ts';
import type { Column } from '../table/definition.ts';

/** How a column's value is read exactly, written as SQL, and recognised again. */
export interface ColumnSql {
  name: string;
  /** The SELECT item. */
  read: string;
  /** Another: of how many characters what is read is; NULL where it is short. */
  length: string;
  /** What was read, as an expression that gives just that value. */
  literal: (value: SqlValue) => string;
  /** A condition that holds for just that value, NULL included. */
  guard: (value: SqlValue) => string;
}

/** Read in place of a value that the server could not print: as hex it would be larger than max_allowed_packet. */
export const unreadable = '-';
/** In place of one that something in between has cut. */
export const cut = '…';
export const wasCut = 'a value does not arrive whole: does a proxy cut long values?';

/** How often each column stands in a SELECT of `readsOf`. */
const items = 2;

/** SELECT items for these columns; null: it is not asked for. */
export function readsOf(columns: (ColumnSql | null)[]): string[] {
  return columns.flatMap((column) => (column ? [column.read, column.length] : ['NULL', 'NULL']));
}

/** The columns' values, of what came for those. */
export function valuesIn(came: SqlValue[]): SqlValue[] {
  return Array.from({ length: came.length / items }, (_, i) => {
    const [value = null, length = null] = came.slice(i * items, (i + 1) * items);
    const isShort = value === null || value === unreadable || length === null;
    return isShort || String(value).length === Number(length) ? value : cut;
  });
}

/** Longer values are recognised by their hash, so that the statement stays readable. */
const longHexDigits = 512;
const plainText = /^[\x20-\x7e]*$/;
/** Bytes of ASCII text are the same in these as in the statement's own character set. */
const asciiBased = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'latin1', 'ascii']);

export function columnSql(column: Column): ColumnSql {
  const name = ident(column.name);
  switch (familyOf(column)) {
    case 'integer':
    case 'decimal':
      return simple(column, name, String);
    case 'bit':
      return simple(column, `${name}+0`, String);
    case 'float':
      // Printed by the shortest digits that give the same number again; the exponent makes it a DOUBLE, not a DECIMAL.
      return simple(column, `${name}+0e0`, (value) =>
        /e/i.test(String(value)) ? String(value) : `${String(value)}e0`,
      );
    case 'text':
      if (column.dataType === 'enum') return label(column, name);
      return hexed(
        column,
        name,
        (hex) => characters(hex, column.charset ?? 'utf8mb4'),
        `CAST(${name} AS BINARY)`,
      );
    case 'json': {
      const asText = `CAST(${name} AS CHAR CHARACTER SET utf8mb4)`;
      return hexed(column, asText, (hex) => characters(hex, 'utf8mb4'), `CAST(${asText} AS BINARY)`);
    }
    case 'bytes':
    case 'spatial':
    case 'vector':
      return hexed(column, name, (hex) => (hex === '' ? `''` : `0x${hex}`), name);
    default:
      return simple(column, `CAST(${name} AS CHAR)`, (value) => text(String(value)));
  }
}

function simple(column: Column, read: string, literal: (value: string | number) => string): ColumnSql {
  const write = (value: SqlValue) => (value === null ? 'NULL' : literal(value.toString()));
  const guard = (value: SqlValue) => `${read} <=> ${write(value)}`;
  return { name: column.name, read, length: 'NULL', literal: write, guard };
}

/** An ENUM's. A value that is none of its labels prints as '', which may be one of them: it is told by its number. */
function label(column: Column, name: string): ColumnSql {
  const none = '0';
  return {
    name: column.name,
    read: `IF(${name} IS NULL, NULL, IF(${name} + 0 = 0, '${none}', HEX(${name})))`,
    length: 'NULL',
    literal: (hex) => {
      if (hex === null) return 'NULL';
      return hex === none ? none : characters(String(hex), column.charset ?? 'utf8mb4');
    },
    guard: (hex) => {
      if (hex === null) return `${name} IS NULL`;
      return hex === none ? `${name} + 0 = 0` : `(${name} + 0 > 0 AND HEX(${name}) = '${String(hex)}')`;
    },
  };
}

/** Read as hex, since only bytes survive every character set and every terminal. */
function hexed(column: Column, value: string, literal: (hex: string) => string, raw: string): ColumnSql {
  return {
    name: column.name,
    read: `IF(${ident(column.name)} IS NULL, NULL, IFNULL(HEX(${value}), '${unreadable}'))`,
    length: `LENGTH(HEX(${value}))`,
    literal: (hex) => (hex === null ? 'NULL' : literal(String(hex))),
    guard: (hex) => {
      if (hex === null) return `${ident(column.name)} IS NULL`;
      const digits = String(hex);
      if (digits.length > longHexDigits) {
        const hash = createHash('sha256').update(digits, 'hex').digest('hex');
        return `SHA2(${raw}, 256) = '${hash}'`;
      }
      return `HEX(${value}) = '${digits}'`;
    },
  };
}

function characters(hex: string, charset: string): string {
  if (hex === '') return `''`;
  const decoded = Buffer.from(hex, 'hex').toString('latin1');
  if (asciiBased.has(charset) && plainText.test(decoded)) return text(decoded);
  return `_${charset} 0x${hex}`;
}
