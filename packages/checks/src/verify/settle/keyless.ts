import { setTimeout as delay } from 'node:timers/promises';
import type { CellValue, DifferenceCounts, RoundEvidence, RowDifference } from '../../model/verdict.ts';
import { cellSql, toCell } from '../row/cell.ts';
import { shownCells, shownChars, type ShownOfTable } from '../row/shown-bounds.ts';
import { shownHash } from '../row/shown-hash.ts';
import type { Column, Sides } from '../table/definition.ts';
import { Undecidable } from '../undecidable.ts';
import { asOfOnePosition } from './as-of-one-position.ts';
import type { CloseLook, LookClosely, Proved } from './close-look.ts';
import { type Count, countingAll, countingFit, type Counts } from './keyless-counts.ts';
import type { SettleOptions } from './options.ts';
import { prove, whyUnproved } from './prove.ts';
import { sandwich } from './sandwich.ts';
import { watch } from './watch.ts';

export interface KeylessResult {
  counts: DifferenceCounts;
  rows: RowDifference[];
  /** Contents whose number kept changing. */
  hot: number;
  /** The server could not put some rows together. */
  oversized: number;
  /** Why contents that differ, by every look, are not proved to; null where there are none. */
  unproved: string | null;
  /** Rows that fit the condition on one side only, of contents of which both sides have as many. */
  apart?: number;
  /** How many rows the target had in the last round; null where not all contents were the same in some round. */
  seen: number | null;
}

/** Equal rounds that make a candidate a difference, where one more look, without a blink, shows the same. */
const equalRoundsNeeded = 2;
/** Every read reads the whole table. */
const atLeast = { forMs: 40, reads: 3 };
/** Of what is alike all is read, be it for as long as a target is late: what goes to and fro is seen all the same. */
export const leisurely = 1 / 8;

/** A content of which the sides have different numbers. */
interface Candidate {
  hash: string;
  source: number;
  target: number;
  rounds: RoundEvidence[];
  /** How many of it the source was seen to have, ever. */
  had: Set<number>;
}

export interface KeylessShow {
  sides: Sides[];
  masked: (column: string) => boolean;
  maxRowsListed: number;
  maxRows: number;
  /** Of the table; it is told where of some rows fewer values are shown than they have. */
  shown?: ShownOfTable;
}

/**
 * A table without a key is a multiset of rows: a row is named by its hash, and what can differ is how many
 * there are of it. The whole table is asked for in one statement a side, so this is for small tables only.
 */
export async function settleKeyless(options: SettleOptions, show: KeylessShow): Promise<KeylessResult> {
  // As for lists: they may have grown since they were counted.
  const fitting = await settleBy(countingFit(show.maxRows * 2), null, options);
  const { oversized, seen } = fitting;
  const { different, alike, hot, unproved } = await inTheWholeTable(fitting, options);
  const counts: DifferenceCounts = { missing: 0, surplus: 0, changed: 0 };
  const rows: RowDifference[] = [];
  for (const { of, look } of different) {
    const surplus = of.target - of.source;
    if (surplus > 0) counts.surplus += surplus;
    else counts.missing -= surplus;
    if (rows.length >= show.maxRowsListed) continue;
    const kind = surplus > 0 ? 'surplus' : 'missing';
    const rounds = [...of.rounds, evidence(of, look)];
    const contentHash = of.hash;
    rows.push({ kind, key: {}, columns: [], cells: [], count: Math.abs(surplus), contentHash, rounds });
  }
  await describe(rows, options, show);
  // It would tell a masked value to whoever tries.
  if (show.sides.some(({ source }) => show.masked(source.name))) {
    for (const row of rows) delete row.contentHash;
  }
  return {
    counts,
    rows,
    hot,
    oversized,
    unproved,
    ...(alike.length > 0 && {
      apart: alike.reduce((sum, { of }) => sum + Math.abs(of.target - of.source), 0),
    }),
    seen,
  };
}

type Different = Proved<Candidate>['different'];

interface Settled {
  /** All that were not the same in every round. */
  candidates: Candidate[];
  different: Different;
  hot: number;
  unproved: string | null;
  oversized: number;
  seen: number | null;
}

/** What differs in numbers that are counted so, of these contents or of all. */
async function settleBy(count: Count, hashes: string[] | null, options: SettleOptions): Promise<Settled> {
  const { candidates, oversized, seen } = await inRounds(count, hashes, options);
  const equal = candidates.filter(({ rounds }) => rounds.length >= equalRoundsNeeded);
  const settled = await prove(equal, options, (open, closely) => numbers(open, count, options, closely));
  const { different, unproved } = settled;
  return {
    candidates,
    different,
    hot: candidates.length - different.length - unproved.length,
    unproved: unproved.length > 0 ? whyUnproved(options.source.server.name, settled) : null,
    oversized,
    seen,
  };
}

/** Looks again and again at what is not the same, until all of it is, or shows the same in every look. */
async function inRounds(
  count: Count,
  hashes: string[] | null,
  options: SettleOptions,
): Promise<Pick<Settled, 'candidates' | 'oversized' | 'seen'>> {
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  let candidates = new Map<string, Candidate>();
  let oversized = 0;
  let rowsThere = 0;
  let rounds = 0;
  for (let round = 0; round < options.maxRounds; round++) {
    if (round > 0) await delay(options.pauseMs(), undefined, { signal: options.signal });
    const isOfOne = await asOfOnePosition(options);
    const look = await sandwich(
      options.barrier,
      () => count(options.source, hashes, query),
      () => count(options.target, hashes, query),
      options.signal,
    );
    const isOfOneMoment = await isOfOne();
    const next = new Map<string, Candidate>();
    const alike: Candidate[] = [];
    rounds++;
    rowsThere = [...look.target.values()].reduce((sum, rows) => sum + rows, 0);
    oversized = Math.max(look.target.get('') ?? 0, look.before.get('') ?? 0);
    for (const hash of new Set([...look.before.keys(), ...look.target.keys()])) {
      if (round > 0 && !candidates.has(hash)) continue;
      const source = look.before.get(hash) ?? 0;
      const target = look.target.get(hash) ?? 0;
      const after = look.after.get(hash) ?? 0;
      const equal = [source, after].filter((rows) => rows === target).length;
      // Else what was written meanwhile may have made it so.
      if (equal > 0 && isOfOneMoment) continue;
      const known = candidates.get(hash);
      const candidate: Candidate = { hash, source, target, rounds: [], had: known?.had ?? new Set() };
      candidate.had.add(source).add(after);
      if (equal === 2) {
        alike.push(candidate);
        continue;
      }
      if (source === after && !candidate.had.has(target)) {
        if (known?.source === source && known.target === target) candidate.rounds.push(...known.rounds);
        candidate.rounds.push(evidence(candidate, look));
      }
      next.set(hash, candidate);
    }
    for (const candidate of await notAlike(alike, count, options)) next.set(candidate.hash, candidate);
    candidates = next;
    if ([...candidates.values()].every(({ rounds }) => rounds.length >= equalRoundsNeeded)) break;
  }
  // Of what goes on to differ, what was another content a round ago may be one that nobody looked for by now.
  const isWhole = rounds === 1 || (await options.goesOnToDiffer?.()) == null;
  return {
    candidates: [...candidates.values()],
    oversized,
    seen: candidates.size === 0 && isWhole ? rowsThere : null,
  };
}

/**
 * Which of these contents, of which both sides had as many, are not proved to be alike: a number may go up and down
 * again in between, and the target's, which is another at any one position, pass through it. So both are watched, the
 * source throughout: the target shows the least that the source had, and the most, where it lacks none and has none
 * too much.
 */
async function notAlike(candidates: Candidate[], count: Count, options: SettleOptions): Promise<Candidate[]> {
  if (candidates.length === 0) return [];
  const { source, target, signal, statementMs: timeoutMs } = options;
  const hashes = candidates.map(({ hash }) => hash);
  const query = { signal, timeoutMs };
  const shown = { source: new Map<string, Range>(), target: new Map<string, Range>() };
  await watch<Counts>(
    options,
    {
      source: () => count(source, hashes, query),
      target: () => count(target, hashes, query),
      showsPending: false,
      atLeast,
      pace: leisurely,
    },
    (side, found) => {
      const ranges = side === 'target' ? shown.target : shown.source;
      for (const { hash, had } of candidates) {
        const rows = found.get(hash) ?? 0;
        if (side === 'source') had.add(rows);
        const { least, most } = ranges.get(hash) ?? { least: rows, most: rows };
        ranges.set(hash, { least: Math.min(least, rows), most: Math.max(most, rows) });
      }
      return true;
    },
  );
  // A target that lacks something and goes on to comes to all that its source was before it, as it is.
  const mustStand = (await options.goesOnToDiffer?.()) != null;
  return candidates.filter(({ hash }) => {
    const [here, there] = [shown.source.get(hash), shown.target.get(hash)];
    if (mustStand && here?.least !== here?.most) return true;
    return here?.least !== there?.least || here?.most !== there?.most;
  });
}

interface Range {
  least: number;
  most: number;
}

function evidence(
  { hash, source, target }: Candidate,
  { at, position }: Pick<RoundEvidence, 'at' | 'position'>,
): RoundEvidence {
  const shown = shownHash(hash);
  const onSource = `${source} × ${shown}`;
  return { at, position, sourceBefore: onSource, target: `${target} × ${shown}`, sourceAfter: onSource };
}

/** Which of these contents each side has in the number that the rounds showed, and in no other, in a close look. */
async function numbers(
  candidates: Candidate[],
  count: Count,
  options: SettleOptions,
  closely: LookClosely,
): Promise<{ steady: Candidate[]; look: CloseLook | null }> {
  const { source, target, signal, statementMs: timeoutMs } = options;
  const hashes = candidates.map(({ hash }) => hash);
  const steady = new Set(candidates);
  const look = await closely(
    options,
    {
      source: (pending) => count(source, hashes, { signal, timeoutMs, pending }),
      target: () => count(target, hashes, { signal, timeoutMs, pending: false }),
      showsPending: source.showsPending,
      atLeast,
    },
    (side, found) => {
      for (const candidate of steady) {
        const number = found.get(candidate.hash) ?? 0;
        // What is not committed may be anything, but what the target has.
        const moved = side === 'pending' ? number === candidate.target : number !== candidate[side];
        if (moved) steady.delete(candidate);
      }
      return steady.size > 0;
    },
  );
  return { steady: [...steady], look };
}

/** Of more contents it takes too many statements that read the whole table. */
const mostSought = 20_000;

/**
 * Of what differs in the rows that fit, what differs in all rows that there are, whatever each side takes for such as
 * fit. Both numbers may change while they are asked for: they are settled as the others are.
 */
async function inTheWholeTable(
  fitting: Settled,
  options: SettleOptions,
): Promise<Pick<Settled, 'different' | 'hot' | 'unproved'> & { alike: Different }> {
  const { source, target } = options;
  const { different, hot, unproved } = fitting;
  const leavesOut = source.leavesOut || target.leavesOut;
  if (!leavesOut || different.length === 0) return { different, hot, unproved, alike: [] };
  if (different.length > mostSought) {
    throw new Undecidable(
      `more than ${mostSought} rows without a key fit \`where\` on one side only: whether the other has them was not asked`,
    );
  }
  const hashes = different.map(({ of }) => of.hash);
  const all = await settleBy(countingAll, hashes, options);
  const told = new Set(all.candidates.map(({ hash }) => hash));
  return {
    different: all.different,
    hot: hot + all.hot,
    unproved: unproved ?? all.unproved,
    alike: different.filter(({ of }) => !told.has(of.hash)),
  };
}

/** Rows asked for at once; each statement reads the whole table. */
const batchSize = 200;

/** Fills in the rows that hashes stand for, column by column, from the side that has them. */
async function describe(
  rows: RowDifference[],
  options: SettleOptions,
  { sides, masked, shown }: KeylessShow,
): Promise<void> {
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  for (const [kind, which] of [
    ['missing', 'source'],
    ['surplus', 'target'],
  ] as const) {
    const found = rows.filter((row) => row.kind === kind);
    const all = sides.map((side) => side[which]);
    const columns = shownColumns(all, rows.length, masked);
    if (shown && found.length > 0 && columns.length < all.length) shown.cut = true;
    const told = columns.filter(({ name }) => !masked(name));
    const chars = shownChars(told, rows.length);
    const select = columns.flatMap((column) =>
      masked(column.name) ? ['NULL', 'NULL'] : cellSql(column, chars),
    );
    for (let i = 0; i < found.length; i += batchSize) {
      const batch = found.slice(i, i + batchSize);
      const hashes = batch.flatMap(({ contentHash }) => contentHash ?? []);
      const contents = await options[which].contents(hashes, select, query, false);
      for (const row of batch) {
        const values = contents.get(row.contentHash ?? '')?.values;
        if (!values) continue;
        row.key = Object.fromEntries(
          columns.map((column, c) => [
            column.name,
            masked(column.name)
              ? '(masked)'
              : toldOf(toCell(column, values[2 * c] ?? null, values[2 * c + 1] ?? null, false, chars)),
          ]),
        );
      }
    }
  }
}

/** Of very many wide rows the first columns alone, and of these rather such as say something. */
function shownColumns(all: Column[], rows: number, masked: (column: string) => boolean): Column[] {
  const [told, hidden] = [false, true].map((hides) => all.filter(({ name }) => masked(name) === hides));
  const first = new Set([...told!, ...hidden!].slice(0, shownCells(rows)));
  return all.filter((column) => first.has(column));
}

/** Here nothing else says that a value goes on. */
function toldOf({ text, truncated }: CellValue): string | null {
  return truncated ? `${text}…` : text;
}
