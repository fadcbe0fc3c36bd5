import type { Flavour } from '@lockstep/servers';
import fc from 'fast-check';
import { mariadbHasUuid } from './mariadb-has.ts';

/**
 * A sort of column that is generated. Values are in a text form of its own in which different texts are different
 * values.
 */
export interface ColumnKind {
  name: string;
  /** Types that all hold these values, so that the sides may differ in them. */
  types: string[] | Record<Flavour, string[]>;
  value: fc.Arbitrary<string>;
  sql: (value: string) => string;
  /** Values as much like this one as can be, and not it. */
  near: (value: string) => string[];
  /** What NULL is easily taken for. */
  empty: string | null;
  /** Two values next to each other, and two others that read the same without their border. */
  shift?: (a: string, b: string) => [string, string][];
}

const plain = (value: string) => value;

function integers(name: string, types: string[], least: bigint, greatest: bigint): ColumnKind {
  return {
    name,
    types,
    value: fc
      .oneof(fc.bigInt(least, greatest), fc.constantFrom(least, greatest, least > 0n ? least : 0n))
      .map(String),
    sql: plain,
    near: (value) => {
      const n = BigInt(value);
      return [n - 1n, n + 1n, n ^ 1n, -n]
        .filter((other) => other !== n && other >= least && other <= greatest)
        .map(String);
    },
    empty: '0',
  };
}

function decimals(types: string[], digits: number, scale: number): ColumnKind {
  const unscaled = integers('', [], -(10n ** BigInt(digits)) + 1n, 10n ** BigInt(digits) - 1n);
  const point = (value: string) => {
    const whole = value.replace('-', '').padStart(scale + 1, '0');
    return `${value.startsWith('-') ? '-' : ''}${whole.slice(0, -scale)}.${whole.slice(-scale)}`;
  };
  return { ...unscaled, name: types[0] ?? '', types, sql: point };
}

const bits = new DataView(new ArrayBuffer(8));

/** Values by their bits, so that the last one can be turned. */
function floats(name: string, value: fc.Arbitrary<number>, width: 32 | 64): ColumnKind {
  const toBits = (n: number) => {
    if (width === 32) bits.setFloat32(0, n);
    else bits.setFloat64(0, n);
    return width === 32 ? BigInt(bits.getUint32(0)) : bits.getBigUint64(0);
  };
  const fromBits = (b: bigint) => {
    if (width === 32) bits.setUint32(0, Number(b));
    else bits.setBigUint64(0, b);
    return width === 32 ? bits.getFloat32(0) : bits.getFloat64(0);
  };
  return {
    name,
    types: [name],
    value: value.map((n) => String(toBits(n === 0 ? 0 : n))),
    sql: (b) => {
      const digits = String(fromBits(BigInt(b)));
      return digits.includes('e') ? digits : `${digits}e0`;
    },
    near: (b) => [String(BigInt(b) ^ 1n)],
    empty: '0',
  };
}

/** Values as microseconds since 1970. */
function moments(types: string[], from: string, to: string, unit: bigint, digits: number): ColumnKind {
  const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;
  const steps = integers('', [], micros(from) / unit, micros(to) / unit);
  return {
    ...steps,
    name: types[0] ?? '',
    types,
    sql: (value) => {
      const total = BigInt(value) * unit;
      const fraction = ((total % 1_000_000n) + 1_000_000n) % 1_000_000n;
      const seconds = new Date(Number((total - fraction) / 1000n)).toISOString().slice(0, 19);
      const shown = digits === 0 ? '' : `.${String(fraction).padStart(6, '0').slice(0, digits)}`;
      return `'${seconds.replace('T', ' ')}${shown}'`;
    },
    near: (value) => [String(BigInt(value) + 1n), String(BigInt(value) - 1n)],
    empty: null,
  };
}

/** In bytes, in hex. */
function binaries(name: string, types: string[], least: number, most: number): ColumnKind {
  const byte = fc.constantFrom('00', '20', '2c', '4e', '30', '31', '61', 'ff', 'c3', '80', '5c', '27');
  return {
    name,
    types,
    value: fc.array(byte, { minLength: least, maxLength: most }).map((bytes) => bytes.join('')),
    sql: (hex) => `X'${hex}'`,
    near: (hex) =>
      [
        ...(least === most ? [] : [`${hex}00`, `${hex}20`, hex.slice(0, -2), `00${hex}`]),
        ...(hex === '' ? [] : [`${hex.slice(0, -1)}${(parseInt(hex.slice(-1), 16) ^ 1).toString(16)}`]),
      ].filter((other) => other !== hex),
    empty: least === most ? null : '',
    ...(least !== most && {
      shift: (a, b) => [
        [`${a}2c`, b],
        [a, `2c${b}`],
      ],
    }),
  };
}

function texts(name: string, types: string[], letters: string[], trailingSpaces: boolean): ColumnKind {
  const kept = (text: string) => (trailingSpaces ? text : text.replace(/ +$/, ''));
  const swapCase = (text: string) =>
    [...text].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('');
  return {
    name,
    types,
    value: fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((letters) => kept(letters.join(''))),
    sql: (text) => (text === '' ? `''` : `_utf8mb4 X'${Buffer.from(text).toString('hex')}'`),
    near: (text) =>
      [
        `${text} `,
        `${text}\0`,
        `${text},`,
        ` ${text}`,
        swapCase(text),
        text.normalize('NFD').replace(/\p{M}/gu, ''),
        [...text].slice(0, -1).join(''),
        'N',
        '0',
        '',
      ]
        .map(kept)
        .filter((other) => other !== text && [...other].every((c) => letters.includes(c))),
    empty: '',
    shift: (a, b) => [
      [`${a},`, `x${b}`],
      [a, `,x${b}`],
      [`${a},x`, b],
    ],
  };
}

/** One of few, given as SQL literals. */
function choices(name: string, types: ColumnKind['types'], literals: string[]): ColumnKind {
  return {
    name,
    types,
    value: fc.constantFrom(...literals),
    sql: plain,
    near: (value) => literals.filter((other) => other !== value),
    empty: null,
  };
}

const ascii = ['a', 'A', 'b', 'N', '0', '1', ',', ' ', '\0', "'", '\\', '"', '\n', '%', '?'];
const latin = [...ascii, 'ä', 'Ä', 'é', 'e', 'ß', 's', 'ÿ'];
const all = [...latin, '😀', '\u0301', '漢', 'İ', '\uFFFD'];
const charset = (type: string, name: string) => `${type} CHARACTER SET ${name}`;

export const columnKinds: ColumnKind[] = [
  integers('TINYINT', ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT'], -128n, 127n),
  integers('INT ZEROFILL', ['INT ZEROFILL', 'INT UNSIGNED', 'BIGINT UNSIGNED ZEROFILL'], 0n, 4294967295n),
  integers('BIGINT', ['BIGINT', 'DECIMAL(22,2)'], -(2n ** 63n), 2n ** 63n - 1n),
  integers('BIGINT UNSIGNED', ['BIGINT UNSIGNED', 'BIT(64)'], 0n, 2n ** 64n - 1n),
  integers('BIT(10)', ['BIT(10)', 'SMALLINT'], 0n, 1023n),
  decimals(['DECIMAL(65,30)'], 65, 30),
  decimals(['DECIMAL(10,2)', 'DECIMAL(20,6)'], 10, 2),
  floats('FLOAT', fc.float({ noNaN: true, noDefaultInfinity: true }), 32),
  floats('DOUBLE', fc.double({ noNaN: true, noDefaultInfinity: true }), 64),
  choices('YEAR', ['YEAR', 'SMALLINT'], ['0', '1901', '1999', '2000', '2026', '2155']),
  choices(
    'DATE',
    ['DATE'],
    [...["'0000-00-00'", "'2026-00-00'", "'2026-02-00'", "'2026-02-28'", "'2026-03-01'", "'9999-12-31'"]],
  ),
  moments(['DATETIME(6)'], '1000-01-01T00:00:00Z', '9999-12-31T23:59:58Z', 1n, 6),
  moments(
    ['DATETIME', 'DATETIME(3)', 'TIMESTAMP'],
    '1970-01-02T00:00:00Z',
    '2038-01-18T00:00:00Z',
    1_000_000n,
    0,
  ),
  moments(['TIMESTAMP(6)', 'DATETIME(6)'], '1970-01-02T00:00:00Z', '2038-01-18T00:00:00Z', 1n, 6),
  choices(
    'TIME',
    ['TIME(6)'],
    [
      ...[
        "'00:00:00'",
        "'-00:00:00.000001'",
        "'00:00:00.000001'",
        "'838:59:59'",
        "'-838:59:59'",
        "'12:00:00.1'",
      ],
    ],
  ),
  texts('CHAR', [charset('CHAR(40)', 'utf8mb4'), charset('VARCHAR(40)', 'utf8mb4')], all, false),
  texts(
    'VARCHAR',
    [
      charset('VARCHAR(40)', 'utf8mb4 COLLATE utf8mb4_general_ci'),
      charset('VARCHAR(60)', 'utf8mb4 COLLATE utf8mb4_bin'),
      charset('VARCHAR(60)', 'utf16'),
      charset('TEXT', 'utf8mb4'),
      charset('MEDIUMTEXT', 'utf32'),
    ],
    all,
    true,
  ),
  texts(
    'latin VARCHAR',
    [
      charset('VARCHAR(40)', 'latin1'),
      charset('TINYTEXT', 'latin1 COLLATE latin1_bin'),
      charset('VARCHAR(40)', 'utf8mb3'),
      charset('VARCHAR(40)', 'utf8mb4'),
      charset('LONGTEXT', 'ucs2'),
    ],
    latin,
    true,
  ),
  binaries('BINARY', ['BINARY(3)', 'VARBINARY(3)'], 3, 3),
  binaries('VARBINARY', ['VARBINARY(40)', 'TINYBLOB', 'BLOB', 'LONGBLOB'], 0, 12),
  choices('ENUM', ["ENUM('a','','b,c','N','0')"], ['0', '1', '2', '3', '4', '5']),
  choices(
    'ENUM of another order',
    ["ENUM('a','','N')", "ENUM('','N','b','a')"],
    ["'a'", "''", "'N'", "'nothing'"],
  ),
  choices('SET', ["SET('a','b','c','')"], ['0', '1', '2', '3', '7', '8', '9']),
  choices(
    'SET of another order',
    ["SET('a','b','c')", "SET('c','d','a','b')"],
    ["''", "'a'", "'a,b'", "'b,c'", "'a,c'"],
  ),
  choices(
    'POINT',
    ['POINT', 'GEOMETRY'],
    [1, 2, 3].map((x) => `ST_GeomFromText('POINT(1 ${x})')`),
  ),
  choices(
    'JSON',
    ['JSON'],
    [
      ...["'{}'", "'[]'", "'null'", `'"null"'`, "'[1, 2]'", "'[2,1]'", `'{"a": 1, "b": [true, "x"]}'`],
      ...[
        `'{"b": [true, "x"], "a": 2}'`,
        "'18446744073709551615'",
        "'18446744073709551614'",
        "'1e300'",
        "'0.1'",
      ],
    ],
  ),
  choices(
    'UUID',
    { mariadb: [mariadbHasUuid ? 'UUID' : 'VARCHAR(36)', 'CHAR(36)'], mysql: ['CHAR(36)', 'VARCHAR(40)'] },
    [...["'123e4567-e89b-12d3-a456-426655440000'", "'123e4567-e89b-12d3-a456-426655440001'"]],
  ),
  choices('INET6', { mariadb: ['INET6'], mysql: ['VARCHAR(45)'] }, ["'::'", "'::1'", "'::ffff:1.2.3.4'"]),
];
