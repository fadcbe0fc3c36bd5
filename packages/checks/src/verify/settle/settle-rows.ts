import { setTimeout as delay } from 'node:timers/promises';
import type { DifferenceKind, RoundEvidence } from '../../model/verdict.ts';
import { type ListedRow, sameRow } from '../chunk/table-side.ts';
import { keyId, type KeyValues } from '../key/key.ts';
import { shownHash } from '../row/shown-hash.ts';
import { asOfOnePosition } from './as-of-one-position.ts';
import { hotRows } from './hot-rows.ts';
import { type Alike, mayLackForGood, movedRows } from './moved-rows.ts';
import type { SettleOptions } from './options.ts';
import { whyUnproved } from './prove.ts';
import { sandwich } from './sandwich.ts';
import { steadyRows } from './steady-rows.ts';

export interface SettledRow {
  kind: DifferenceKind;
  key: KeyValues;
  /** Row hashes, the same in all rounds; null where there is no row. */
  source: string | null;
  target: string | null;
  /** The target's with another reading of its documents; absent where there is none. */
  otherTarget?: string;
  looks: Look[];
}

/** When a round looked, and what the target had by then. Shared by all rows of a round. */
export interface Look {
  at: Date;
  position: string | null;
}

export interface Settled {
  confirmed: SettledRow[];
  /** Rows that were written too often to be compared. */
  hot: KeyValues[];
  /** Rows too large for the server to hash. */
  oversized: KeyValues[];
  /** Rows that look different, by as many looks, of which none is proof; and why not. */
  unproved: { keys: KeyValues[]; because: Set<string> };
  /** Found on neither side: deleted meanwhile, or not to be found by what is printed of their keys. */
  lost: KeyValues[];
  /** The same on both sides, of which one alone takes them for what is looked for. */
  apart?: number;
}

export function nothingSettled(): Settled {
  return {
    confirmed: [],
    hot: [],
    oversized: [],
    unproved: { keys: [], because: new Set() },
    lost: [],
  };
}

/** What is shown of how a row was confirmed. */
export function evidenceOf({ source, target, looks }: SettledRow): RoundEvidence[] {
  const [here, there] = [source && shownHash(source), target && shownHash(target)];
  return looks.map((look) => ({ ...look, sourceBefore: here, target: there, sourceAfter: here }));
}

/** Equal rounds that make a candidate a difference, where one more look, without a blink, shows the same. */
const equalRoundsNeeded = 2;

/** Keys per statement: rounds cost time, not work, so the more rows share them the better. */
const batchSize = 1000;

interface Candidate {
  key: KeyValues;
  id: string;
  seen: string | null;
  looks: Look[];
  /** Every version that the source was seen to have: what it had may be what the target still has. */
  had: Set<string | undefined>;
}

/** Decides row by row what a first look could not. Takes keys from anywhere and asks both sides anew. */
export async function settleRows(keys: KeyValues[], options: SettleOptions): Promise<Settled> {
  const settled = nothingSettled();
  for (let i = 0; i < keys.length; i += batchSize) {
    await settleBatch(keys.slice(i, i + batchSize), options, settled);
  }
  return settled;
}

async function settleBatch(keys: KeyValues[], options: SettleOptions, settled: Settled): Promise<void> {
  const { source, target, within, barrier, signal } = options;
  const query = { signal, timeoutMs: options.statementMs };
  const goesOn = (await options.goesOnToDiffer?.()) ?? null;
  const equalRounds: SettledRow[] = [];
  let open: Candidate[] = keys.map((key) => ({
    key,
    id: keyId(key),
    seen: null,
    looks: [],
    had: new Set(),
  }));

  for (let round = 0; round < options.maxRounds && open.length > 0; round++) {
    if (round > 0) await delay(options.pauseMs(), undefined, { signal });
    const asked = open.map(({ key }) => key);
    const isOfOne = goesOn !== null ? await asOfOnePosition(options) : null;
    const look = await sandwich(
      barrier,
      () => source.byKeys(asked, within, query),
      () => target.byKeys(asked, within, query),
      signal,
    );
    const alikeIsSame = isOfOne === null || (await isOfOne());
    const doubtful: Doubtful[] = [];
    open = open.filter((candidate) => {
      const before = look.before.get(candidate.id);
      const at = look.target.get(candidate.id);
      const after = look.after.get(candidate.id);
      if ([before, at, after].some((row) => row?.hash === null)) {
        settled.oversized.push(candidate.key);
        return false;
      }
      if (!before && !at && !after) {
        settled.lost.push(candidate.key);
        return false;
      }
      const alike = [before, after].filter((row) => sameRow(at, row));
      if (alike.length > 0) {
        const isApart = !alike.some((row) => row?.leftOut === at?.leftOut);
        if (alikeIsSame || alike.length === 2) {
          const { key, id } = candidate;
          if (!alikeIsSame) doubtful.push({ key, id, row: at, candidate, isApart });
          else if (isApart) settled.apart = (settled.apart ?? 0) + 1;
          return false;
        }
      }
      for (const row of [before, after]) for (const version of versionsOf(row)) candidate.had.add(version);
      if (!sameRow(before, after) || versionsOf(at).some((version) => candidate.had.has(version))) {
        candidate.seen = null;
        candidate.looks = [];
        return true;
      }
      const seen = `${before?.hash}/${at?.hash}`;
      if (seen !== candidate.seen) candidate.looks = [];
      candidate.seen = seen;
      candidate.looks.push({ at: look.at, position: look.position });
      if (candidate.looks.length < equalRoundsNeeded) return true;
      equalRounds.push({
        kind: !before ? 'surplus' : !at ? 'missing' : 'changed',
        key: candidate.key,
        source: before?.hash ?? null,
        target: at?.hash ?? null,
        ...(at?.other !== undefined && { otherTarget: at.other }),
        looks: candidate.looks,
      });
      return false;
    });
    const moved = new Set(await movedRows(doubtful, options));
    for (const each of doubtful) {
      if (moved.has(each)) open.push({ ...each.candidate, seen: null, looks: [] });
      else if (each.isApart) settled.apart = (settled.apart ?? 0) + 1;
    }
  }

  const steady = await steadyRows(equalRounds, options);
  for (const { of, look } of steady.different) {
    settled.confirmed.push({ ...of, looks: [...of.looks, look] });
  }
  const said = new Set([...steady.different.map(({ of }) => of), ...steady.unproved]);
  const moved = equalRounds.filter((row) => !said.has(row));
  const hot = keysOf([...open, ...moved]);
  if (goesOn !== null && hot.length > 0) {
    settled.unproved.keys.push(...hot);
    settled.unproved.because.add(mayLackForGood(goesOn));
  } else settled.hot.push(...(await hotRows(hot, options)));
  const unproved =
    goesOn !== null ? keysOf(steady.unproved) : await hotRows(keysOf(steady.unproved), options);
  if (unproved.length > 0) {
    settled.unproved.keys.push(...unproved);
    settled.unproved.because.add(whyUnproved(source.server.name, steady));
  }
}

/** What both sides had alike, where that may be no proof. */
interface Doubtful extends Alike {
  candidate: Candidate;
  isApart: boolean;
}

function keysOf(rows: { key: KeyValues }[]): KeyValues[] {
  return rows.map(({ key }) => key);
}

function versionsOf(row: ListedRow | undefined): (string | undefined)[] {
  return [row?.hash ?? undefined, ...(row?.other === undefined ? [] : [row.other])];
}
