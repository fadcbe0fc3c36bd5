import { setTimeout as delay } from 'node:timers/promises';
import type { DifferenceCounts, RoundEvidence, RowDifference } from '../../model/verdict.ts';
import { cellSql, toCell } from '../row/cell.ts';
import { shownHash } from '../row/shown-hash.ts';
import type { Sides } from '../table/definition.ts';
import type { SettleOptions } from './options.ts';
import { sandwich } from './sandwich.ts';

export interface KeylessResult {
  counts: DifferenceCounts;
  rows: RowDifference[];
  /** Contents whose number kept changing. */
  hot: number;
  /** The server could not put some rows together. */
  oversized: number;
  /** How many rows the target had in the last round; null where not all contents were the same in some round. */
  seen: number | null;
}

const roundsToConfirm = 3;

/**
 * A table without a key is a multiset of rows: a row is named by its hash, and what can differ is how many
 * there are of it. The whole table is asked for in one statement a side, so this is for small tables only.
 */
export async function settleKeyless(
  options: SettleOptions,
  show: { sides: Sides[]; masked: (column: string) => boolean; maxRowsListed: number; maxRows: number },
): Promise<KeylessResult> {
  // As for lists: they may have grown since they were counted.
  const maxRows = show.maxRows * 2;
  const query = { signal: options.signal, timeoutMs: options.statementMs, maxRows };
  /** Hash → the difference in number, and the rounds that showed just that. */
  let candidates = new Map<string, { surplus: number; rounds: RoundEvidence[] }>();
  let hot = 0;
  let oversized = 0;
  let rowsThere = 0;
  for (let round = 0; round < options.maxRounds; round++) {
    if (round > 0) await delay(options.pauseMs(), undefined, { signal: options.signal });
    const look = await sandwich(
      options.barrier,
      () => options.source.multiset(query),
      () => options.target.multiset(query),
      options.signal,
    );
    const next = new Map<string, { surplus: number; rounds: RoundEvidence[] }>();
    hot = 0;
    rowsThere = [...look.target.values()].reduce((sum, rows) => sum + rows, 0);
    oversized = Math.max(look.target.get('') ?? 0, look.before.get('') ?? 0);
    for (const hash of new Set([...look.before.keys(), ...look.target.keys()])) {
      if (round > 0 && !candidates.has(hash)) continue;
      const before = look.before.get(hash) ?? 0;
      const target = look.target.get(hash) ?? 0;
      const after = look.after.get(hash) ?? 0;
      if (target === before || target === after) continue;
      const known = candidates.get(hash);
      const steady = before === after;
      if (!steady) hot++;
      const surplus = target - before;
      const rounds = steady && known?.surplus === surplus ? [...known.rounds] : [];
      if (steady) {
        rounds.push({
          at: look.at,
          position: look.position,
          sourceBefore: `${before} × ${shownHash(hash)}`,
          target: `${target} × ${shownHash(hash)}`,
          sourceAfter: `${after} × ${shownHash(hash)}`,
        });
      }
      next.set(hash, { surplus, rounds });
    }
    candidates = next;
    if (
      candidates.size === 0 ||
      [...candidates.values()].every(({ rounds }) => rounds.length >= roundsToConfirm)
    ) {
      break;
    }
  }

  const counts: DifferenceCounts = { missing: 0, surplus: 0, changed: 0 };
  const rows: RowDifference[] = [];
  let undecided = 0;
  for (const [contentHash, { surplus, rounds }] of candidates) {
    if (rounds.length < roundsToConfirm) {
      undecided++;
      continue;
    }
    if (surplus > 0) counts.surplus += surplus;
    else counts.missing -= surplus;
    if (rows.length < show.maxRowsListed) {
      const kind = surplus > 0 ? 'surplus' : 'missing';
      rows.push({ kind, key: {}, columns: [], cells: [], count: Math.abs(surplus), contentHash, rounds });
    }
  }
  await describe(rows, options, show);
  // It would tell a masked value to whoever tries.
  if (show.sides.some(({ source }) => show.masked(source.name))) {
    for (const row of rows) delete row.contentHash;
  }
  const seen = candidates.size === 0 ? rowsThere : null;
  return { counts, rows, hot: Math.max(hot, undecided), oversized, seen };
}

/** Rows asked for at once; each statement reads the whole table. */
const batchSize = 200;

/** Fills in the rows that hashes stand for, column by column, from the side that has them. */
async function describe(
  rows: RowDifference[],
  options: SettleOptions,
  { sides, masked }: { sides: Sides[]; masked: (column: string) => boolean },
): Promise<void> {
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  for (const [kind, which] of [
    ['missing', 'source'],
    ['surplus', 'target'],
  ] as const) {
    const columns = sides.map((side) => side[which]);
    const select = columns.flatMap((column) => (masked(column.name) ? ['NULL', 'NULL'] : cellSql(column)));
    const found = rows.filter((row) => row.kind === kind);
    for (let i = 0; i < found.length; i += batchSize) {
      const batch = found.slice(i, i + batchSize);
      const hashes = batch.flatMap(({ contentHash }) => contentHash ?? []);
      const contents = await options[which].contents(hashes, select, query);
      for (const row of batch) {
        const values = contents.get(row.contentHash ?? '')?.values;
        if (!values) continue;
        row.key = Object.fromEntries(
          columns.map((column, c) => [
            column.name,
            masked(column.name)
              ? '(masked)'
              : toCell(column, values[2 * c] ?? null, values[2 * c + 1] ?? null, false).text,
          ]),
        );
      }
    }
  }
}
