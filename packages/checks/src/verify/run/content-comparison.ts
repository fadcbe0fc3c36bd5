import type { VerifyConfig } from '../../config.ts';
import { differing } from '../../model/verdict.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import { Frontier } from '../chunk/checkpoint.ts';
import { type Chunk, wholeTable } from '../chunk/chunk.ts';
import { ChunkSizer } from '../chunk/chunk-sizer.ts';
import { chunksOf, type LookUp, mustBeBehind } from '../chunk/chunker.ts';
import { widthOf } from '../chunk/integer-range.ts';
import type { Digest, TableSide } from '../chunk/table-side.ts';
import { Tally } from '../chunk/tally.ts';
import { shrinkAttempts, wasTooMuch } from '../chunk/too-much.ts';
import type { Key, KeyValues } from '../key/key.ts';
import { type RowExpression, whyIncomparable } from '../row/row-expression.ts';
import { asOfOnePosition } from '../settle/as-of-one-position.ts';
import { describeRows, shownKey } from '../settle/detail.ts';
import { explain } from '../settle/explain.ts';
import { leisurely, settleKeyless } from '../settle/keyless.ts';
import { type ChunkLook, lookAt, matches } from '../settle/look.ts';
import type { SettleOptions } from '../settle/options.ts';
import { settleChunk } from '../settle/settle-chunk.ts';
import { evidenceOf, type Settled } from '../settle/settle-rows.ts';
import { beforeLook, type IsOfOne, stoodStill } from '../settle/stood-still.ts';
import { watch } from '../settle/watch.ts';
import type { Sides } from '../table/definition.ts';
import { Endless, Undecidable } from '../undecidable.ts';
import { Crew } from './crew.ts';
import type { RunControl } from './run-control.ts';
import { Seat } from './seat.ts';
import type { Turns } from './turns.ts';

export interface ContentOptions {
  /** Null: none that both sides can be asked by. */
  key: Key | null;
  /** Why there is no key. */
  whyNoKey: string;
  sides: Sides[];
  /** Null compares only which rows are there. */
  row: RowExpression | null;
  settle: SettleOptions;
  verify: VerifyConfig;
  control: RunControl;
  turns: Turns;
  rowsEstimated: number;
  rowBytes: number;
  masked: (column: string) => boolean;
  /** Where what is found is added. */
  tally: Tally;
  /** All rows up to here were compared before a run was cut off; null: begin at the beginning. */
  from: KeyValues | null;
  /** All rows up to here are compared, and in the tally. */
  onFrontier: (upTo: KeyValues) => void;
  onChunk: (rows: number) => void;
  /** Called before each look at rows: what several find together was not so at one moment. */
  onLook: () => void;
  /** All that is left to be done is to wait for the target. */
  onWaiting: () => void;
}

/** A chunk, and the side whose rows say where it ends. */
interface Cut {
  chunk: Chunk;
  by: 'source' | 'target';
}

/** Each reads a whole table. */
const fewReads = { forMs: 40, reads: 3 };

/** Compares all rows of a table. Rejects with Undecidable where only the whole can be said to be unknown. */
export async function compareContent(options: ContentOptions): Promise<void> {
  const { tally } = options;
  for (const reason of whyIncomparable(options.row)) tally.reasons.add(reason);
  if (options.key?.ranged) await compareByChunks(options);
  else await compareSeated(options);
}

async function compareByChunks(options: ContentOptions): Promise<void> {
  const { key, settle, verify, control, turns, rowBytes, tally, from, masked, onFrontier, onWaiting } =
    options;
  const sizer = new ChunkSizer({ targetMs: verify.chunkTimeMs, maxRows: verify.maxChunkRows, rowBytes });
  const frontier = new Frontier({ tally, upTo: from }, verify.maxRowsListed);
  const chunks: AsyncGenerator<Chunk, void> = chunksOf(
    settle.source,
    sizer,
    { from, to: null },
    lookingUp(options),
  );
  const next = async (seat: Seat) => {
    const drawn = await chunks.next();
    if (drawn.done === true) return false;
    const chunk = drawn.value;
    const number = frontier.begin();
    await control.gate();
    const found = new Tally();
    const seated = { ...options, settle: { ...settle, barrier: seat.outside(settle.barrier) } };
    try {
      await control.paced(
        () => compareChunk({ chunk, by: 'source' }, sizer, found, seated, shrinkAttempts),
        () => seat.awayMs,
      );
    } catch (error) {
      frontier.salvage(found);
      throw error;
    }
    if (frontier.end(number, chunk, found) && frontier.upTo) onFrontier(frontier.upTo);
    return true;
  };
  try {
    await new Crew({ turns, size: verify.parallel, onWaiting }).work(next);
  } finally {
    await chunks.return(undefined);
    frontier.close();
    // Masked, the names of two rows look the same.
    if (key?.ownOrder === true && !key.columns.some(({ name }) => masked(name))) tally.tellOnce();
  }
}

/**
 * Adds what it finds to `found`, however it ends: what is confirmed to be different stays so whatever becomes of the
 * rest.
 */
async function compareChunk(
  { chunk, by }: Cut,
  sizer: ChunkSizer,
  found: Tally,
  options: ContentOptions,
  attempts: number,
): Promise<void> {
  const { settle, verify, control } = options;
  const servers = [settle.source.server, settle.target.server];
  let part = new Tally();
  try {
    await retryConnection(
      async () => {
        // A chunk that is done again must not count twice.
        part = new Tally();
        const isOfOne = await beforeLook(sizer.rows, settle);
        const began = performance.now();
        options.onLook();
        const look = await lookAt(chunk, settle);
        sizer.observe(
          Math.max(look.source.rows, look.target.rows),
          options.key && widthOf(options.key, chunk),
          performance.now() - began,
        );
        for (const side of ['source', 'target'] as const) {
          // In an order of its own the other side may well have nothing there.
          if (side !== by && options.key?.ownOrder === true) continue;
          if (look[side].rows === 0) await mustBeBehind(settle[side], chunk, query(settle));
        }
        await settleFound({ chunk, look, isOfOne }, part, options);
      },
      servers,
      verify.waitMs,
      control.signal,
    );
    found.add(part, verify.maxRowsListed);
    options.onChunk(part.rowsCompared);
  } catch (error) {
    const cut = attempts > 0 && wasTooMuch(error);
    if (!cut) found.add(part, verify.maxRowsListed);
    // Nothing more is known of this chunk; what is known of the others stands.
    if (error instanceof Undecidable && !(error instanceof Endless)) {
      found.reasons.add(error.message);
      // Reckoned on and on, the chunks would have no end where every one of them ends so.
      sizer.lose();
    } else if (cut) await compareParts({ chunk, by }, sizer, found, options, attempts - 1);
    else throw error;
  }
}

/** A chunk that took too long, in smaller ones. */
async function compareParts(
  cut: Cut,
  sizer: ChunkSizer,
  found: Tally,
  options: ContentOptions,
  attempts: number,
): Promise<void> {
  const { control } = options;
  sizer.shrink();
  for await (const part of partsOf(cut, sizer, options)) {
    await control.gate();
    await compareChunk(part, sizer, found, options, attempts);
  }
}

/** Cut where the source has rows, else where the target has: a source may be empty where its target is not. */
async function* partsOf({ chunk, by }: Cut, sizer: ChunkSizer, options: ContentOptions): AsyncGenerator<Cut> {
  const { settle } = options;
  let last = chunk.from;
  for await (const part of chunksOf(settle.source, sizer, chunk, lookingUp(options))) {
    if (part.to !== chunk.to) yield { chunk: part, by: 'source' };
    else {
      const rest = { from: last, to: chunk.to };
      for await (const part of chunksOf(settle.target, sizer, rest, lookingUp(options))) {
        yield { chunk: part, by: part.to === chunk.to ? by : 'target' };
      }
    }
    last = part.to;
  }
}

function lookingUp({ settle, verify, control }: ContentOptions): LookUp {
  const servers = [settle.source.server, settle.target.server];
  return {
    query: query(settle),
    again: (ask) => retryConnection(ask, servers, verify.waitMs, control.signal),
  };
}

interface Looked {
  chunk: Chunk;
  look: ChunkLook;
  isOfOne: IsOfOne;
}

async function settleFound(
  { chunk, look, isOfOne }: Looked,
  found: Tally,
  options: ContentOptions,
): Promise<void> {
  found.chunks = 1;
  found.rowsCompared = look.source.rows;
  if (matches(look) && (await stoodStill(chunk, look, options.settle, isOfOne))) return;
  options.onLook();
  await settleChunk(chunk, look, options.settle, (settled) =>
    take(settled, found, options.tally.rows.length, options),
  );
}

/** Counts all, describes as many as are still to be listed. */
async function take(settled: Settled, found: Tally, listed: number, options: ContentOptions): Promise<void> {
  const { key, row, settle, sides, masked, verify } = options;
  found.hot += settled.hot.length;
  found.oversized += settled.oversized.length;
  found.unnamed += settled.lost.length;
  found.apart += settled.apart ?? 0;
  for (const reason of settled.unproved.because) found.reasons.add(reason);
  for (const { kind } of settled.confirmed) found.differences[kind]++;
  const room = Math.max(0, verify.maxRowsListed - listed - found.rows.length);
  const rows = settled.confirmed.slice(0, room);
  if (!key || rows.length === 0) return;
  found.rows.push(
    ...(row
      ? await describeRows(rows, {
          ...settle,
          key,
          sides,
          encodings: row.encodings,
          masked,
          query: query(settle),
          shown: options.tally.shown,
        })
      : rows.map((found) => ({
          kind: found.kind,
          key: shownKey(key, found.key, masked),
          columns: [],
          cells: [],
          count: 1,
          rounds: evidenceOf(found),
        }))),
  );
}

async function compareSeated(options: ContentOptions): Promise<void> {
  const { settle, turns, onWaiting } = options;
  const seat = new Seat(turns, { onLeave: onWaiting, onReturn: () => undefined });
  const barrier = seat.outside(settle.barrier);
  await seat.take(() => compareWhole({ ...options, settle: { ...settle, barrier } }));
}

/** A table whose key sorts differently on the two sides, or that has none: one statement a side, so small ones only. */
async function compareWhole(options: ContentOptions): Promise<void> {
  const { key, settle, verify, control, rowsEstimated, sides, masked, tally } = options;
  const why = key ? key.unranged : options.whyNoKey;
  const limit = verify.maxRowsWithoutKey;
  await control.gate();
  // Statistics may be years old: they say when to look, not what is there.
  if (rowsEstimated > limit * 2 && (await hasMore(settle, limit))) {
    tally.reasons.add(`${why}, and more rows than the limit of ${limit}`);
    return;
  }
  options.onLook();
  const isOfOne = key ? await beforeLook(rowsEstimated, settle) : await asOfOnePosition(settle);
  const look = await lookAt(wholeTable, settle);
  tally.chunks = 1;
  tally.rowsCompared = look.source.rows;
  options.onChunk(look.source.rows);
  const isSame = key
    ? () => stoodStill(wholeTable, look, settle, isOfOne)
    : async () => (await isOfOne?.()) || (await isSameThroughout(settle));
  if (matches(look) && (await isSame())) return;
  options.onLook();
  if (Math.max(look.source.rows, look.target.rows) > limit) {
    tally.reasons.add(`${why}, and more rows than the limit of ${limit}`);
    return;
  }
  if (key) {
    await settleChunk(wholeTable, look, settle, (settled) => take(settled, tally, 0, options));
    return;
  }
  await explain(look, settle, async () => {
    const found = await settleKeyless(settle, {
      sides,
      masked,
      maxRowsListed: options.row ? verify.maxRowsListed : 0,
      maxRows: limit,
      shown: tally.shown,
    });
    const { counts, rows, hot, oversized, unproved, seen, apart = 0 } = found;
    Object.assign(tally.differences, counts);
    tally.rows.push(...rows);
    tally.hot += hot;
    tally.oversized += oversized;
    tally.apart += apart;
    if (unproved !== null) tally.reasons.add(unproved);
    const told = differing(counts) + hot + oversized + apart;
    return { told: unproved === null ? told : told + 1, seen };
  });
}

/** The whole table was the same on both sides, and nothing else on the source, however often it was looked at. */
async function isSameThroughout(settle: SettleOptions): Promise<boolean> {
  const read = (side: TableSide) => () => side.digest(wholeTable, query(settle));
  let seen: Digest | null = null;
  const look = await watch<Digest>(
    settle,
    {
      source: read(settle.source),
      target: read(settle.target),
      showsPending: false,
      atLeast: fewReads,
      pace: leisurely,
    },
    (_, digest) => matches({ source: (seen ??= digest), target: digest }),
  );
  return look !== null;
}

async function hasMore({ source, target, ...options }: SettleOptions, rows: number): Promise<boolean> {
  const more = await Promise.all([source, target].map((side) => side.hasMoreThan(rows, query(options))));
  return more.includes(true);
}

function query({ signal, statementMs }: Pick<SettleOptions, 'signal' | 'statementMs'>): {
  signal: AbortSignal;
  timeoutMs: number;
} {
  return { signal, timeoutMs: statementMs };
}
