import type { Column } from './definition.ts';

/**
 * How one column goes into the row hash, on each side.
 * `plain`: prints without a comma and never as `N`; `sized`: any bytes, so its length has to go before it;
 * `document`: JSON that the two sides write differently: read, and compared by value here.
 */
export interface ColumnEncoding {
  column: string;
  shape: 'plain' | 'sized' | 'document';
  nullable: boolean;
  source: string;
  target: string;
}

/** Two columns of one name cannot be compared by what the servers print; says why. */
export interface Incomparable {
  column: string;
  because: string;
}

export interface Sides {
  source: Column;
  target: Column;
}

type Family =
  'integer' | 'decimal' | 'float' | 'bit' | 'temporal' | 'text' | 'bytes' | 'json' | 'opaque' | 'literal';

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
  geometry: 'opaque',
  point: 'opaque',
  linestring: 'opaque',
  polygon: 'opaque',
  multipoint: 'opaque',
  multilinestring: 'opaque',
  multipolygon: 'opaque',
  geomcollection: 'opaque',
  geometrycollection: 'opaque',
  vector: 'opaque',
  uuid: 'literal',
  inet4: 'literal',
  inet6: 'literal',
};

export function familyOf(column: Column): Family | null {
  return families[column.dataType] ?? null;
}

/** Bytes of these are the same in all three, so they need no conversion to be compared. */
const utf8 = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii']);

/** `quote` gives the column as it is named in the statement. `hashLarge` columns are hashed alone first. */
export function encodeColumn(
  { source, target }: Sides,
  quote: (name: string) => string,
  hashLarge: (column: Column) => boolean,
): ColumnEncoding | Incomparable {
  const from = familyOf(source);
  const to = familyOf(target);
  const column = source.name;
  if (!from || !to) {
    return { column, because: `no exact comparison is known for type ${(from ? target : source).dataType}` };
  }
  const nullable = source.nullable || target.nullable;
  const large = hashLarge(source) || hashLarge(target);
  const both = (shape: 'plain' | 'sized', sql: (side: Column) => string): ColumnEncoding => {
    const one = (side: Column) => (large && shape === 'sized' ? `SHA2(${sql(side)}, 256)` : sql(side));
    return {
      column,
      shape: large && shape === 'sized' ? 'plain' : shape,
      nullable,
      source: one(source),
      target: one(target),
    };
  };
  const name = (side: Column) => quote(side.name);

  if (from === to) {
    switch (from) {
      case 'integer':
        // Adding 0 takes the display width of ZEROFILL away.
        return both('plain', (side) => (/zerofill/i.test(side.columnType) ? `${name(side)}+0` : name(side)));
      case 'bit':
        return both('plain', (side) => `${name(side)}+0`);
      case 'decimal': {
        const scale = Math.max(source.scale ?? 0, target.scale ?? 0);
        return both('plain', (side) =>
          (side.scale ?? 0) < scale || /zerofill/i.test(side.columnType)
            ? `CAST(${name(side)} AS DECIMAL(65,${scale}))`
            : name(side),
        );
      }
      case 'float':
        // As a number of full precision: a FLOAT prints six digits only. Adding +0 also makes -0 equal 0.
        return both('plain', (side) => `${name(side)}+0e0`);
      case 'temporal':
        return temporal({ source, target }, both, name);
      case 'text': {
        const raw =
          source.charset === target.charset ||
          (utf8.has(source.charset ?? '') && utf8.has(target.charset ?? ''));
        return both('sized', (side) =>
          raw || utf8.has(side.charset ?? '') ? name(side) : `CONVERT(${name(side)} USING utf8mb4)`,
        );
      }
      case 'bytes':
        return both('sized', name);
      case 'json':
        return both('sized', (side) => `CAST(${name(side)} AS CHAR CHARACTER SET utf8mb4)`);
      case 'opaque':
        return both('plain', (side) => `HEX(${name(side)})`);
      case 'literal':
        return both('plain', (side) => `CAST(${name(side)} AS CHAR)`);
    }
  }

  const pair = new Set([from, to]);
  if (pair.has('integer') && pair.has('decimal')) {
    const scale = Math.max(source.scale ?? 0, target.scale ?? 0);
    return both('plain', (side) => `CAST(${name(side)} AS DECIMAL(65,${scale}))`);
  }
  if (pair.has('json') && pair.has('text')) {
    const asText = (side: Column) => `CAST(${name(side)} AS CHAR CHARACTER SET utf8mb4)`;
    return { column, shape: 'document', nullable, source: asText(source), target: asText(target) };
  }
  if (pair.has('text') && (pair.has('literal') || pair.has('integer'))) {
    return both('sized', (side) => `CAST(${name(side)} AS CHAR CHARACTER SET utf8mb4)`);
  }
  return { column, because: `${source.columnType} and ${target.columnType} have no common exact form` };
}

function temporal(
  { source, target }: Sides,
  both: (shape: 'plain', sql: (side: Column) => string) => ColumnEncoding,
  name: (side: Column) => string,
): ColumnEncoding | Incomparable {
  const group = (side: Column) => (side.dataType === 'timestamp' ? 'datetime' : side.dataType);
  const type = group(source);
  if (type !== group(target)) {
    return {
      column: source.name,
      because: `${source.columnType} and ${target.columnType} have no common exact form`,
    };
  }
  const precision = Math.max(source.precision ?? 0, target.precision ?? 0);
  return both('plain', (side) =>
    (side.precision ?? 0) < precision
      ? `CAST(${name(side)} AS ${type.toUpperCase()}(${precision}))`
      : name(side),
  );
}
