import type { VerifyConfig } from '../config.ts';
import { ServerFault } from '../server/sql-server.ts';
import { wholeTable, type Chunk } from './chunk.ts';
import { ChunkSizer } from './chunk-sizer.ts';
import { chunksOf } from './chunker.ts';
import { describeRows } from './detail.ts';
import type { Sides } from './encoding.ts';
import { widthOf } from './integer-range.ts';
import { keyRecord, type Key } from './key.ts';
import { settleKeyless } from './keyless.ts';
import { retryConnection } from './retry-connection.ts';
import type { RowExpression } from './row-expression.ts';
import type { RunControl } from './run-control.ts';
import { lookAt, matches, settleChunk, type ChunkLook } from './settle-chunk.ts';
import type { Settled, SettleOptions } from './settle-rows.ts';
import { Tally } from './tally.ts';

export interface ContentOptions {
  /** Null: none that both sides can be asked by. */
  key: Key | null;
  sides: Sides[];
  /** Null compares only which rows are there. */
  row: RowExpression | null;
  settle: SettleOptions;
  verify: VerifyConfig;
  control: RunControl;
  rowsEstimated: number;
  rowBytes: number;
  masked: (column: string) => boolean;
  onChunk: (rows: number) => void;
}

/** Chunks that run into the statement's time limit are cut smaller, so many times. */
const shrinkAttempts = 4;

/** Compares all rows of a table. Rejects with Undecidable where only the whole can be said to be unknown. */
export async function compareContent(
  options: ContentOptions,
): Promise<{ tally: Tally; undecided: string[] }> {
  const tally = new Tally();
  const undecided = (options.row?.incomparable ?? []).map(
    ({ column, because }) => `column ${column} was not compared: ${because}`,
  );
  if (options.key?.ranged) await compareByChunks(tally, options);
  else undecided.push(...(await compareWhole(tally, options)));
  return { tally, undecided: [...undecided, ...tally.undecided] };
}

async function compareByChunks(tally: Tally, options: ContentOptions): Promise<void> {
  const { settle, verify, control, rowBytes } = options;
  const sizer = new ChunkSizer({ targetMs: verify.chunkTimeMs, maxRows: verify.maxChunkRows, rowBytes });
  const chunks = chunksOf(settle.source, sizer, wholeTable, query(settle));
  const worker = async () => {
    for await (const chunk of shared(chunks)) {
      await control.gate();
      await compareChunk(chunk, sizer, tally, options, shrinkAttempts);
    }
  };
  const workers = Array.from({ length: verify.parallel }, worker);
  try {
    await Promise.all(workers);
  } finally {
    // Where one failed, the others finish the chunk that they are at and find no further one.
    await chunks.return(undefined);
    await Promise.allSettled(workers);
  }
}

async function compareChunk(
  chunk: Chunk,
  sizer: ChunkSizer,
  tally: Tally,
  options: ContentOptions,
  attempts: number,
): Promise<void> {
  const { settle, verify, control } = options;
  const servers = [settle.source.server, settle.target.server];
  try {
    // Counted only once all of it is decided: a chunk that is done again must not count twice.
    const found = await retryConnection(
      async () => {
        const began = performance.now();
        const look = await lookAt(chunk, settle);
        sizer.observe(
          Math.max(look.source.rows, look.target.rows),
          options.key && widthOf(options.key, chunk),
          performance.now() - began,
        );
        return settleFound(chunk, look, tally, options);
      },
      servers,
      verify.waitMs,
      control.signal,
    );
    tally.add(found, verify.maxRowsListed);
    options.onChunk(found.rowsCompared);
  } catch (error) {
    if (!(error instanceof ServerFault && error.kind === 'timeout') || attempts === 0) throw error;
    sizer.shrink();
    for await (const part of chunksOf(settle.source, sizer, chunk, query(settle))) {
      await control.gate();
      await compareChunk(part, sizer, tally, options, attempts - 1);
    }
  }
}

async function settleFound(
  chunk: Chunk,
  look: ChunkLook,
  soFar: Tally,
  options: ContentOptions,
): Promise<Tally> {
  const found = new Tally();
  found.chunks = 1;
  found.rowsCompared = look.source.rows;
  if (matches(look) && look.source.oversized === 0) return found;
  await settleChunk(chunk, look, options.settle, (settled) =>
    take(settled, found, soFar.rows.length, options),
  );
  return found;
}

/** Counts all, describes as many as are still to be listed. */
async function take(settled: Settled, found: Tally, listed: number, options: ContentOptions): Promise<void> {
  const { key, row, settle, sides, masked, verify } = options;
  found.hot += settled.hot.length;
  found.oversized += settled.oversized.length;
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
        })
      : rows.map(({ kind, key: values, rounds }) => ({
          kind,
          key: keyRecord(key, values),
          columns: [],
          cells: [],
          count: 1,
          rounds,
        }))),
  );
}

/** A table whose key sorts differently on the two sides, or that has none: one statement a side, so small ones only. */
async function compareWhole(tally: Tally, options: ContentOptions): Promise<string[]> {
  const { key, settle, verify, control, rowsEstimated, sides, masked } = options;
  const why = key ? 'its key sorts differently on the two sides' : 'no key';
  const limit = verify.maxRowsWithoutKey;
  if (rowsEstimated > limit * 2) return [`${why}, and about ${rowsEstimated} rows (limit ${limit})`];
  await control.gate();
  const look = await lookAt(wholeTable, settle);
  tally.chunks = 1;
  tally.rowsCompared = look.source.rows;
  options.onChunk(look.source.rows);
  if (matches(look) && look.source.oversized === 0) return [];
  if (Math.max(look.source.rows, look.target.rows) > limit)
    return [`${why}, and more rows than the limit of ${limit}`];
  if (key) {
    await settleChunk(wholeTable, look, settle, (settled) => take(settled, tally, 0, options));
    return [];
  }
  const found = await settleKeyless(settle, {
    sides,
    masked,
    maxRowsListed: options.row ? verify.maxRowsListed : 0,
  });
  Object.assign(tally.differences, found.counts);
  tally.rows.push(...found.rows);
  tally.hot += found.hot;
  tally.oversized += found.oversized;
  return [];
}

function query({ signal, statementMs }: SettleOptions): { signal: AbortSignal; timeoutMs: number } {
  return { signal, timeoutMs: statementMs };
}

/** Lets several workers draw from one generator; leaving the loop early does not end it for the others. */
function shared<T>(generator: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => generator.next() }) };
}
