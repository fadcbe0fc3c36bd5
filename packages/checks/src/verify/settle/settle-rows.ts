import { setTimeout as delay } from 'node:timers/promises';
import type { DifferenceKind, RoundEvidence } from '../../model/verdict.ts';
import type { ListedRow } from '../chunk/table-side.ts';
import { keyId, type KeyValues } from '../key/key.ts';
import { shownHash } from '../row/shown-hash.ts';
import { hotRows } from './hot-rows.ts';
import type { SettleOptions } from './options.ts';
import { sandwich } from './sandwich.ts';
import { steadyRows } from './steady-rows.ts';

export interface SettledRow {
  kind: DifferenceKind;
  key: KeyValues;
  /** Row hashes, the same in all rounds; null where there is no row. */
  source: string | null;
  target: string | null;
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
  /** Found on neither side: deleted meanwhile, or not to be found by what is printed of their keys. */
  lost: KeyValues[];
}

/** What is shown of how a row was confirmed. */
export function evidenceOf({ source, target, looks }: SettledRow): RoundEvidence[] {
  const [here, there] = [source && shownHash(source), target && shownHash(target)];
  return looks.map((look) => ({ ...look, sourceBefore: here, target: there, sourceAfter: here }));
}

/** Equal rounds that make a candidate a difference. */
const roundsToConfirm = 3;

/** Keys per statement: rounds cost time, not work, so the more rows share them the better. */
const batchSize = 1000;

interface Candidate {
  key: KeyValues;
  id: string;
  seen: string | null;
  looks: Look[];
}

/** Decides row by row what a first look could not. Takes keys from anywhere and asks both sides anew. */
export async function settleRows(keys: KeyValues[], options: SettleOptions): Promise<Settled> {
  const settled: Settled = { confirmed: [], hot: [], oversized: [], lost: [] };
  for (let i = 0; i < keys.length; i += batchSize) {
    await settleBatch(keys.slice(i, i + batchSize), options, settled);
  }
  return settled;
}

async function settleBatch(keys: KeyValues[], options: SettleOptions, settled: Settled): Promise<void> {
  const { source, target, within, barrier, signal } = options;
  const query = { signal, timeoutMs: options.statementMs };
  const equalRounds: SettledRow[] = [];
  let open: Candidate[] = keys.map((key) => ({ key, id: keyId(key), seen: null, looks: [] }));

  for (let round = 0; round < options.maxRounds && open.length > 0; round++) {
    if (round > 0) await delay(options.pauseMs(), undefined, { signal });
    const asked = open.map(({ key }) => key);
    const look = await sandwich(
      barrier,
      () => source.byKeys(asked, within, query),
      () => target.byKeys(asked, within, query),
      signal,
    );
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
      if (same(at, before) || same(at, after)) return false;
      if (!same(before, after)) {
        candidate.seen = null;
        candidate.looks = [];
        return true;
      }
      const seen = `${before?.hash}/${at?.hash}`;
      if (seen !== candidate.seen) candidate.looks = [];
      candidate.seen = seen;
      candidate.looks.push({ at: look.at, position: look.position });
      if (candidate.looks.length < roundsToConfirm) return true;
      equalRounds.push({
        kind: !before ? 'surplus' : !at ? 'missing' : 'changed',
        key: candidate.key,
        source: before?.hash ?? null,
        target: at?.hash ?? null,
        looks: candidate.looks,
      });
      return false;
    });
  }

  const restless = open.map(({ key }) => key);
  if (equalRounds.length > 0) {
    const steady = await steadyRows(
      equalRounds.map(({ key }) => key),
      options,
    );
    for (const row of equalRounds) {
      if (steady.has(keyId(row.key))) settled.confirmed.push(row);
      else restless.push(row.key);
    }
  }
  settled.hot.push(...(await hotRows(restless, options)));
}

function same(a: ListedRow | undefined, b: ListedRow | undefined): boolean {
  return a?.hash === b?.hash;
}
