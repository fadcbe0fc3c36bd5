import { remember } from './remember.ts';
import { Unparsable } from './unparsable.ts';

/** Inclusive, ascending, neither overlapping nor touching. BigInt: transaction numbers go up to 2^63. */
type Interval = readonly [first: bigint, last: bigint];

/** A MySQL GTID set: the transactions of each source, keyed `uuid` or `uuid:tag`. */
export type MysqlGtidSet = ReadonlyMap<string, readonly Interval[]>;

/**
 * Parses what MySQL prints, tags included: `uuid:1-3:5:tag:1-9,\nuuid2:7`. A tag holds for the intervals after it.
 * Throws on anything else.
 */
export const parseMysqlGtidSet = remember((text: string): MysqlGtidSet => {
  const set = new Map<string, Interval[]>();
  for (const part of text.split(',')) {
    const [uuid = '', ...fields] = part.split(':').map((field) => field.trim().toLowerCase());
    if (uuid === '' && fields.length === 0) continue;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) throw malformed(text);
    let source = uuid;
    for (const field of fields) {
      const numbers = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(field);
      if (numbers) {
        const first = BigInt(numbers[1] as string);
        const last = BigInt(numbers[2] ?? (numbers[1] as string));
        if (first <= last) append(set, source, [first, last]);
      } else if (/^[a-z_][a-z0-9_]*$/.test(field)) source = `${uuid}:${field}`;
      else throw malformed(text);
    }
  }
  for (const [source, intervals] of set) set.set(source, joined(intervals));
  return set;
});

/** As MySQL prints it, without the line breaks. */
export function formatMysqlGtidSet(set: MysqlGtidSet): string {
  return [...set]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, intervals]) =>
      [source, ...intervals.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))].join(
        ':',
      ),
    )
    .join(',');
}

/** What `GTID_SUBTRACT(from, set)` answers. */
export function subtractMysqlGtidSet(from: MysqlGtidSet, set: MysqlGtidSet): MysqlGtidSet {
  const rest = new Map<string, readonly Interval[]>();
  for (const [source, intervals] of from) {
    const taken = set.get(source);
    const left = taken ? subtractIntervals(intervals, taken) : intervals;
    if (left.length > 0) rest.set(source, left);
  }
  return rest;
}

export function unionMysqlGtidSet(a: MysqlGtidSet, b: MysqlGtidSet): MysqlGtidSet {
  const all = new Map(a);
  for (const [source, intervals] of b) all.set(source, joined([...(a.get(source) ?? []), ...intervals]));
  return all;
}

/** What `GTID_SUBSET(subset, set)` answers. */
export function isMysqlGtidSubset(subset: MysqlGtidSet, set: MysqlGtidSet): boolean {
  for (const [source, intervals] of subset) {
    const all = set.get(source);
    if (!all || !covers(all, intervals)) return false;
  }
  return true;
}

export function countMysqlGtidSet(set: MysqlGtidSet): bigint {
  let count = 0n;
  for (const intervals of set.values()) for (const [first, last] of intervals) count += last - first + 1n;
  return count;
}

function append(set: Map<string, Interval[]>, source: string, interval: Interval): void {
  const intervals = set.get(source);
  if (intervals) intervals.push(interval);
  else set.set(source, [interval]);
}

function joined(intervals: Interval[]): Interval[] {
  const ordered = intervals.sort(([a], [b]) => (a < b ? -1 : 1));
  const result: [bigint, bigint][] = [];
  for (const [first, last] of ordered) {
    const previous = result.at(-1);
    if (previous && first <= previous[1] + 1n) {
      if (last > previous[1]) previous[1] = last;
    } else result.push([first, last]);
  }
  return result;
}

function covers(all: readonly Interval[], wanted: readonly Interval[]): boolean {
  let i = 0;
  for (const [first, last] of wanted) {
    while (i < all.length && (all[i] as Interval)[1] < first) i++;
    const candidate = all[i];
    if (!candidate || candidate[0] > first || candidate[1] < last) return false;
  }
  return true;
}

function subtractIntervals(from: readonly Interval[], taken: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let i = 0;
  for (const [first, last] of from) {
    let start = first;
    while (i < taken.length && (taken[i] as Interval)[1] < start) i++;
    for (let j = i; j < taken.length; j++) {
      const [from, to] = taken[j] as Interval;
      if (from > last) break;
      if (from > start) left.push([start, from - 1n]);
      if (to >= start) start = to + 1n;
    }
    if (start <= last) left.push([start, last]);
  }
  return left;
}

function malformed(text: string): Error {
  return new Unparsable('MySQL GTID set', text);
}
