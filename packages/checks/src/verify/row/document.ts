import { createHash } from 'node:crypto';
import type { SqlValue } from '../../server/sql-server.ts';

/**
 * How numbers in JSON are taken: by all their digits, or as MySQL takes them from a text, which keeps a DOUBLE of each
 * that is no integer of 64 bits.
 */
export type Reading = 'digits' | 'doubles';

/**
 * How a side's documents may be taken. What MySQL prints of its own has the shortest digits of each DOUBLE, and all of
 * a DECIMAL. A text is the same document where MySQL would make it of that text, and where it is what MySQL prints.
 */
export function readingsOf({ stored = false }: { stored?: boolean }): [Reading, ...Reading[]] {
  return stored ? ['digits'] : ['doubles', 'digits'];
}

/**
 * The hash of a JSON document's value. MySQL stores JSON normalised and prints it its own way, MariaDB keeps the text
 * as it came, so between the two only values can be compared: order of members, white space, escapes and the writing
 * of numbers do not count. What is no JSON counts as the text that it is.
 */
export function documentHash(text: SqlValue, reading: Reading): string {
  if (text === null) return 'NULL';
  return createHash('sha256').update(canonical(text.toString(), reading)).digest('hex');
}

function canonical(text: string, reading: Reading): string {
  try {
    return write(JSON.parse(text, keepNumbers), reading);
  } catch {
    return `text:${text}`;
  }
}

/** A number as its digits: as a number here it would be rounded, or be none at all beyond 1e308. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function keepNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
}

/** Somebody's row may hold a number of a million digits: nothing here may take longer than in proportion to them. */
function fitsIn64Bits(sign: string, whole: string): boolean {
  if (whole.length > longest) return false;
  const integer = BigInt(`${sign}${whole}`);
  return integer >= least && integer <= greatest;
}

/** Digits of `greatest`. JSON has no zeros before others. */
const longest = 20;
/** Digits of an exponent, zeros before others included. */
const longestPower = 1_000;
const least = -(2n ** 63n);
const greatest = 2n ** 64n - 1n;

/** Two writings of one number give the same: 1e2, 100 and 100.0 do. */
function writeNumber(source: string, reading: Reading): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  if (reading === 'doubles' && !(/^-?\d+$/.test(source) && fitsIn64Bits(sign, whole))) {
    const double = Number(source);
    // What is beyond it, either way, no server takes.
    if (Number.isFinite(double) && double !== 0) return writeNumber(double.toExponential(), 'digits');
  }
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  const significant = digits.slice(0, end);
  if (significant === '') return '0';
  if (power.length > longestPower) throw new RangeError('no server has such a number');
  const exponent = BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${exponent}`;
}

function write(value: unknown, reading: Reading): string {
  if (value instanceof Digits) return writeNumber(value.text, reading);
  if (Array.isArray(value)) return `[${value.map((each) => write(each, reading)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${write(member, reading)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
