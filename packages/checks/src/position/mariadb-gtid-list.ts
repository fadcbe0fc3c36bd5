import { remember } from './remember.ts';
import { Unparsable } from './unparsable.ts';

/** One GTID: in a replication domain, the server that wrote it and its number in the domain's order. */
export interface MariadbGtid {
  server: string;
  /** Up to 2^64. */
  sequence: bigint;
}

/** The newest GTID of each domain. */
export type MariadbGtidList = ReadonlyMap<string, MariadbGtid>;

/** Parses what MariaDB prints: `0-1-270,5-2-3`. Throws on anything else. */
export const splitMariadbGtids = remember((text: string): readonly (MariadbGtid & { domain: string })[] => {
  if (text.trim() === '') return [];
  return text.split(',').map((part) => {
    const match = /^\s*(\d{1,20})-(\d{1,20})-(\d{1,20})\s*$/.exec(part);
    if (!match) throw new Unparsable('MariaDB GTID list', text);
    const [, domain, server, sequence] = match as unknown as [string, string, string, string];
    return { domain, server, sequence: BigInt(sequence) };
  });
});

/** Of a domain that occurs more than once the newest counts. Throws on what is no list. */
export const parseMariadbGtidList = remember((text: string): MariadbGtidList => {
  const list = new Map<string, MariadbGtid>();
  for (const { domain, server, sequence } of splitMariadbGtids(text)) {
    raise(list, domain, { server, sequence });
  }
  return list;
});

/** What a text names of each domain, in its order; a server may name as many as fit into its answer. */
const byDomain = remember((text: string): ReadonlyMap<string, readonly MariadbGtid[]> =>
  Map.groupBy(splitMariadbGtids(text), ({ domain }) => domain),
);

export function gtidsOfDomain(text: string, domain: string): readonly MariadbGtid[] {
  return byDomain(text).get(domain) ?? [];
}

/** The highest number of each writer in each domain, by both. */
const highestOfWriters = remember((text: string): ReadonlyMap<string, bigint> => {
  const highest = new Map<string, bigint>();
  for (const { domain, server, sequence } of splitMariadbGtids(text)) {
    const key = `${domain}-${server}`;
    const known = highest.get(key);
    if (known === undefined || known < sequence) highest.set(key, sequence);
  }
  return highest;
});

/** Null where a writer has nothing in that domain. */
export function highestOf(text: string, domain: string, server: string): bigint | null {
  return highestOfWriters(text).get(`${domain}-${server}`) ?? null;
}

/** By domain, so that equal lists are equal texts. */
export function formatMariadbGtidList(list: MariadbGtidList): string {
  return [...list]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([domain, { server, sequence }]) => `${domain}-${server}-${sequence}`)
    .join(',');
}

export function formatMariadbGtids(gtids: readonly (MariadbGtid & { domain: string })[]): string {
  return gtids.map(({ domain, server, sequence }) => `${domain}-${server}-${sequence}`).join(',');
}

/** The newest of both in every domain. */
export function newestOfEach(a: MariadbGtidList, b: MariadbGtidList): MariadbGtidList {
  const result = new Map(a);
  for (const [domain, gtid] of b) raise(result, domain, gtid);
  return result;
}

function raise(list: Map<string, MariadbGtid>, domain: string, gtid: MariadbGtid): void {
  const known = list.get(domain);
  if (!known || known.sequence < gtid.sequence) list.set(domain, gtid);
}
