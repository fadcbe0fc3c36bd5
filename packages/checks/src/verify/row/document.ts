import { createHash } from 'node:crypto';
import type { SqlValue } from '../../server/sql-server.ts';

/**
 * The hash of a JSON document's value. MySQL stores JSON normalised and prints it its own way, MariaDB keeps the text
 * as it came, so between the two only values can be compared: order of members, white space, escapes and the writing
 * of numbers do not count. What is no JSON counts as the text that it is.
 */
export function documentHash(text: SqlValue): string {
  if (text === null) return 'NULL';
  return createHash('sha256').update(canonical(text.toString())).digest('hex');
}

function canonical(text: string): string {
  try {
    return write(JSON.parse(text, exactNumbers));
  } catch {
    return `text:${text}`;
  }
}

const least = -(2n ** 63n);
const greatest = 2n ** 64n - 1n;

/**
 * Whole numbers beyond 2^53 would be rounded here, but not on MySQL, where only those beyond 64 bits become a DOUBLE.
 */
function exactNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const source = context?.source ?? '';
  if (!/^-?\d+$/.test(source) || Number.isSafeInteger(value)) return value;
  const exact = BigInt(source);
  return exact >= least && exact <= greatest ? exact : value;
}

function write(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${write(member)}`).join(',')}}`;
  }
  // -0 is 0.
  return JSON.stringify(value === 0 ? 0 : value);
}
