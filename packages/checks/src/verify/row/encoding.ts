import { ident } from '../../server/sql-text.ts';
import type { Column, Sides } from '../table/definition.ts';
import { labelNumber, labelsAreKnown, labelsOf, memberDigits, sameLabels } from '../table/labels.ts';
import { comesBack, printed, printsAsItIs } from '../table/printed.ts';

/**
 * How one column goes into the row hash, on each side.
 * `plain`: prints without a comma and never as `N`; `sized`: any bytes, so its length has to go before it;
 * `document`: JSON that the two sides write differently: read, and compared by value here.
 */
export interface ColumnEncoding {
  column: string;
  shape: 'plain' | 'sized' | 'document';
  nullable: boolean;
  source: EncodedSide;
  target: EncodedSide;
}

export interface EncodedSide {
  /** The column, quoted. */
  name: string;
  /** The expression that gives its value. NULL where the column is not: the server could not form it. */
  sql: string;
  /** Of a document: it is kept as JSON, and not as a text. */
  stored?: true;
}

/** Two columns of one name cannot be compared by what the servers print; says why. */
export interface Incomparable {
  column: string;
  because: string;
}

export type Family =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'bit'
  | 'temporal'
  | 'text'
  | 'bytes'
  | 'json'
  | 'spatial'
  | 'vector'
  | 'literal';

const families: Record<string, Family> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  bit: 'bit',
  date: 'temporal',
  datetime: 'temporal',
  timestamp: 'temporal',
  time: 'temporal',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  enum: 'text',
  set: 'text',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  json: 'json',
  geometry: 'spatial',
  point: 'spatial',
  linestring: 'spatial',
  polygon: 'spatial',
  multipoint: 'spatial',
  multilinestring: 'spatial',
  multipolygon: 'spatial',
  geomcollection: 'spatial',
  geometrycollection: 'spatial',
  vector: 'vector',
  uuid: 'literal',
  inet4: 'literal',
  inet6: 'literal',
};

export function familyOf(column: Column): Family | null {
  return families[column.dataType] ?? null;
}

/** `hashLarge` columns are hashed alone first. */
export function encodeColumn(
  sides: Sides,
  hashLarge: (column: Column) => boolean,
): ColumnEncoding | Incomparable {
  const { source, target } = sides;
  const from = familyOf(source);
  const to = familyOf(target);
  if (!from || !to) {
    const unknown = (from ? target : source).dataType;
    return { column: source.name, because: `no exact comparison is known for type ${unknown}` };
  }
  const large = hashLarge(source) || hashLarge(target);
  const both: Both = (shape, sql) => {
    const hashed = large && shape === 'sized';
    const one = (side: Column) => (hashed ? `SHA2(${sql(side)}, 256)` : sql(side));
    return encoding(sides, hashed ? 'plain' : shape, one);
  };
  return from === to ? alike(from, sides, both) : different(from, to, sides, both);
}

type Both = (shape: 'plain' | 'sized', sql: (side: Column) => string) => ColumnEncoding;

function encoding(
  { source, target }: Sides,
  shape: ColumnEncoding['shape'],
  sql: (side: Column) => string,
): ColumnEncoding {
  const one = (side: Column): EncodedSide => ({
    name: ident(side.name),
    sql: sql(side),
    ...(shape === 'document' && side.dataType === 'json' && { stored: true }),
  });
  return {
    column: source.name,
    shape,
    nullable: source.nullable || target.nullable,
    source: one(source),
    target: one(target),
  };
}

/** Both sides' types are of one family. */
function alike(family: Family, sides: Sides, both: Both): ColumnEncoding | Incomparable {
  const { source, target } = sides;
  switch (family) {
    case 'integer': {
      // Adding 0 takes away the display width of ZEROFILL, and the four digits of YEAR.
      const mixed = source.dataType !== target.dataType;
      // A YEAR of two digits, which MariaDB still has, is a year of four that it tells as the date's.
      const years = isShortYear(source) || isShortYear(target);
      const year = (side: Column) => (isShortYear(side) ? `YEAR(${name(side)})` : number(side));
      if (years) return both('plain', year);
      return both('plain', (side) =>
        /zerofill/i.test(side.columnType) || (mixed && side.dataType === 'year') ? number(side) : name(side),
      );
    }
    case 'bit':
      return both('plain', number);
    case 'decimal': {
      const scale = commonScale(sides);
      if (scale === null) return incomparable(sides);
      return both('plain', (side) =>
        (side.scale ?? 0) < scale || /zerofill/i.test(side.columnType)
          ? `CAST(${name(side)} AS DECIMAL(65,${scale}))`
          : name(side),
      );
    }
    case 'float':
      // By its eight bytes: a FLOAT prints six digits only, and MySQL cuts what a DOUBLE prints in an expression to 22
      // characters. That is also twice as fast as printing. Adding 0 makes -0 equal 0.
      return both('plain', (side) => `HEX(POINT(${name(side)}+0e0, 0))`);
    case 'temporal':
      return temporal(sides, both);
    case 'text':
      return text(sides, both);
    case 'bytes':
      return both('sized', name);
    case 'json':
      return both('sized', typedJson);
    case 'spatial':
      // Always hashed: a geometry may have any size, and its bytes do not go into a string without a detour.
      return both('plain', (side) => `SHA2(${name(side)}, 256)`);
    case 'vector':
      return both('plain', (side) => `HEX(${name(side)})`);
    case 'literal':
      return both('plain', (side) => `CAST(${name(side)} AS CHAR)`);
  }
}

/** What a change of type on one side leaves comparable. */
function different(from: Family, to: Family, sides: Sides, both: Both): ColumnEncoding | Incomparable {
  const { source, target } = sides;
  const families = new Set([from, to]);
  const are = (a: Family, b: Family) => families.has(a) && families.has(b);
  const labelled = [source, target].some(({ dataType }) => dataType === 'enum' || dataType === 'set');
  if (are('integer', 'decimal')) {
    const scale = commonScale(sides);
    if (scale === null) return incomparable(sides);
    return both('plain', (side) => `CAST(${name(side)} AS DECIMAL(65,${scale}))`);
  }
  if (are('integer', 'bit')) return both('plain', number);
  if (are('json', 'text')) {
    return encoding(sides, 'document', (side) => (side.dataType === 'json' ? jsonText(side) : asUtf8(side)));
  }
  if (are('text', 'bytes') && !labelled) return both('sized', name);
  if (are('text', 'literal') || (are('text', 'integer') && !labelled)) {
    // A UUID is the same in either case of its digits.
    const lower = source.dataType === 'uuid' || target.dataType === 'uuid' ? 'LOWER' : '';
    return both('sized', (side) => `${lower}(CAST(${name(side)} AS CHAR CHARACTER SET utf8mb4))`);
  }
  return incomparable(sides);
}

const mostDigits = 65;
/** Of a whole number. */
const mostWholeDigits = 20;

/**
 * With how many digits after the point every number of both sides can be written; null where those before it then have
 * no room: a server makes the greatest number that there is of what is too large.
 */
export function commonScale({ source, target }: Sides): number | null {
  const scale = Math.max(source.scale ?? 0, target.scale ?? 0);
  const whole = [source, target].map(({ columnType, scale: own }) => {
    const [, digits] = /^decimal\((\d+)/i.exec(columnType) ?? [];
    return digits === undefined ? mostWholeDigits : Number(digits) - (own ?? 0);
  });
  return Math.max(...whole) + scale <= mostDigits ? scale : null;
}

function name(side: Column): string {
  return ident(side.name);
}

/** Of two digits. */
export function isShortYear({ columnType }: Column): boolean {
  return /^year\(2\)/i.test(columnType);
}

function number(side: Column): string {
  return `${name(side)}+0`;
}

/**
 * MySQL prints a document beyond max_allowed_packet as '', which no document is, with a mere warning. To look for
 * that it has to be printed twice, so only what may be so large is: in text no document takes eight times its stored
 * size.
 */
function jsonText(side: Column): string {
  const text = `CAST(${name(side)} AS CHAR CHARACTER SET utf8mb4)`;
  const small = `JSON_STORAGE_SIZE(${name(side)}) * 8 < @@session.max_allowed_packet`;
  return `IF(${small}, ${text}, NULLIF(${text}, ''))`;
}

/**
 * In MySQL's JSON there are dates, times and bytes, which print as a string does: whether the document is the one that
 * its own text would be goes in as well, and where it is not, which of its values are strings. How each of the others
 * prints tells what it is.
 */
function typedJson(side: Column): string {
  const text = jsonText(side);
  const strings = `JSON_SEARCH(${name(side)}, 'all', '%')`;
  const typed = `CONCAT(' typed', IFNULL(CONCAT(' but ', ${strings}), ''))`;
  return `CONCAT(${text}, IF(${name(side)} = CAST(${text} AS JSON), '', ${typed}))`;
}

function asUtf8(side: Column): string {
  return printsAsItIs(side.charset) ? name(side) : printed(name(side));
}

/** What has no place in Unicode goes in as its bytes, behind one that no text begins with. */
function exactUtf8(side: Column): string {
  const { charset } = side;
  if (charset === null || printsAsItIs(charset)) return asUtf8(side);
  const bytes = `CONCAT(_binary 0xFF, CAST(HEX(${name(side)}) AS BINARY))`;
  return `IF(${comesBack(name(side), charset)}, CAST(${asUtf8(side)} AS BINARY), ${bytes})`;
}

function text(sides: Sides, both: Both): ColumnEncoding | Incomparable {
  const { source, target } = sides;
  const raw =
    source.charset === target.charset || (printsAsItIs(source.charset) && printsAsItIs(target.charset));
  const value = (side: Column) => (raw ? name(side) : exactUtf8(side));
  const types = new Set([source.dataType, target.dataType]);
  if (types.size > 1 || !(types.has('enum') || types.has('set'))) return both('sized', value);
  // The number also tells '' that is a label from '' that stands for a value that was none.
  if (sameLabels(source, target)) return both('plain', labelNumber);
  if (types.has('enum')) return both('sized', (side) => `CONCAT(${labelNumber(side)} = 0, ${value(side)})`);
  if (labelsAreKnown(source) && labelsAreKnown(target)) {
    const digits = memberDigits(sides);
    return both('plain', (side) => (side === source ? digits.source : digits.target));
  }
  // Members are printed in the order of the labels, which is not known to be the same but where they look alike.
  if (String(labelsOf(source)) !== String(labelsOf(target))) {
    return {
      column: source.name,
      because: 'its labels are not the same, and not all of them can be printed',
    };
  }
  return both('sized', (side) => `CONCAT(${labelNumber(side)}, ' ', ${value(side)})`);
}

function temporal(sides: Sides, both: Both): ColumnEncoding | Incomparable {
  const { source, target } = sides;
  const group = (side: Column) => (side.dataType === 'timestamp' ? 'datetime' : side.dataType);
  const type = group(source);
  if (type !== group(target)) return incomparable(sides);
  const precision = Math.max(source.precision ?? 0, target.precision ?? 0);
  return both('plain', (side) =>
    (side.precision ?? 0) < precision
      ? `CAST(${name(side)} AS ${type.toUpperCase()}(${precision}))`
      : name(side),
  );
}

function incomparable({ source, target }: Sides): Incomparable {
  return {
    column: source.name,
    because: `${source.columnType} and ${target.columnType} have no common exact form`,
  };
}
