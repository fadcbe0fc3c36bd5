import type { Chunk } from '../chunk/chunk.ts';
import type { Digest } from '../chunk/table-side.ts';
import type { KeyValues } from '../key/key.ts';
import { Undecidable } from '../undecidable.ts';
import type { SettleOptions } from './options.ts';
import { sandwich } from './sandwich.ts';
import { type Settled, settleRows } from './settle-rows.ts';
import { TaskPool } from './task-pool.ts';

/** Chunks of so many rows are listed row by row; larger ones are split. */
const leafRows = 1000;
const branches = 8;
/** More than there are connections: most of settling is waiting between rounds. */
const partsInFlight = 4;

export interface ChunkLook {
  source: Digest;
  target: Digest;
}

export function matches({ source, target }: ChunkLook): boolean {
  return source.rows === target.rows && source.sum === target.sum;
}

/** The first look, and usually the last: both sides at once. Equal contents prove that the target had the source's. */
export async function lookAt(
  chunk: Chunk,
  { source, target, signal, statementMs }: SettleOptions,
): Promise<ChunkLook> {
  const query = { signal, timeoutMs: statementMs };
  const [s, t] = await Promise.all([source.digest(chunk, query), target.digest(chunk, query)]);
  return { source: s, target: t };
}

/**
 * Finds the rows behind a chunk that did not match at first sight. Splitting sorts out most of what was only
 * replication in flight, since each part is looked at anew; what remains is listed, and the rows that are not the
 * same are settled one by one. `take` gets results as they come, so that nothing has to be kept of a table full of
 * differences.
 */
export async function settleChunk(
  chunk: Chunk,
  look: ChunkLook,
  options: SettleOptions,
  take: (settled: Settled) => Promise<void>,
): Promise<void> {
  // Settling is mostly waiting between rounds, so several small parts do it side by side.
  const pool = new TaskPool(partsInFlight);
  try {
    await split(chunk, look, options, (part, rows) =>
      pool.begin(async () => take(await settleRows(await listSuspects(part, rows, options), options))),
    );
  } finally {
    await pool.drain();
  }
}

async function split(
  chunk: Chunk,
  look: ChunkLook,
  options: SettleOptions,
  leaf: (chunk: Chunk, rows: number) => Promise<void>,
): Promise<void> {
  const larger = look.source.rows >= look.target.rows ? options.source : options.target;
  const rows = Math.max(look.source.rows, look.target.rows);
  if (rows <= leafRows || !larger.key?.ranged) return await leaf(chunk, rows);
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  const step = Math.max(leafRows, Math.ceil(rows / branches));
  for (let from = chunk.from; ;) {
    const to = await larger.boundary({ from, to: chunk.to }, step, query);
    const part: Chunk = { from, to: to ?? chunk.to };
    const partLook = await lookAt(part, options);
    if (!matches(partLook) || partLook.source.oversized > 0) await split(part, partLook, options, leaf);
    if (!to) return;
    from = to;
  }
}

/** Keys of the rows that are not the same in one careful look; rows that only one side has among them. */
async function listSuspects(chunk: Chunk, rows: number, options: SettleOptions): Promise<KeyValues[]> {
  const { source, target, barrier, signal } = options;
  const query = { signal, timeoutMs: options.statementMs };
  // Rows may have come since they were counted.
  const limit = rows * 2 + leafRows;
  const look = await sandwich(
    barrier,
    () => source.list(chunk, limit, query),
    () => target.list(chunk, limit, query),
    signal,
  );
  if ([look.before, look.target, look.after].some((rows) => rows.size >= limit)) {
    throw new Undecidable(
      `a part of the table grew from ${rows} to over ${limit} rows while it was being compared`,
    );
  }
  const suspects: KeyValues[] = [];
  for (const [id, { key, hash }] of look.target) {
    const before = look.before.get(id);
    const after = look.after.get(id);
    if (hash === null || (before?.hash !== hash && after?.hash !== hash)) suspects.push(key);
  }
  for (const [id, { key }] of look.before) {
    // Gone on the source as well: it was deleted in between.
    if (!look.target.has(id) && look.after.has(id)) suspects.push(key);
  }
  return suspects;
}
