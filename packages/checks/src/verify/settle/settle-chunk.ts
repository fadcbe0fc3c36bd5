import type { Chunk } from '../chunk/chunk.ts';
import { endsAt, mustBeBehind } from '../chunk/chunker.ts';
import type { TableSide } from '../chunk/table-side.ts';
import { Undecidable } from '../undecidable.ts';
import { type ChunkLook, lookAt, matches } from './look.ts';
import type { SettleOptions } from './options.ts';
import { settlePart, type Take } from './settle-part.ts';
import { stoodStill } from './stood-still.ts';
import { TaskPool } from './task-pool.ts';

/** Chunks of so many rows are listed row by row; larger ones are split. */
const leafRows = 1000;
/** Where one side has no more rows than that, the other, by an order of its own, may have many. */
const mostListed = 20_000;
const branches = 8;
/** More than there are connections: most of settling is waiting between rounds. */
const partsInFlight = 4;

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
  take: Take,
): Promise<void> {
  // Settling is mostly waiting between rounds, so several small parts do it side by side.
  const pool = new TaskPool(partsInFlight);
  try {
    await split(chunk, look, options, (part, partLook) =>
      pool.begin(() => settlePart(partLook, { ...options, within: part }, take)),
    );
  } finally {
    await pool.drain();
  }
}

async function split(
  chunk: Chunk,
  look: ChunkLook,
  options: SettleOptions,
  leaf: (chunk: Chunk, look: ChunkLook) => Promise<void>,
  cutBy?: TableSide,
): Promise<void> {
  const larger = cutBy ?? (look.source.rows >= look.target.rows ? options.source : options.target);
  const [most, rows] = [Math.max(look.source.rows, look.target.rows), rowsOn(larger, look, options)];
  if (rows <= leafRows && most > mostListed) {
    throw new Undecidable(
      `where one side has ${rows} rows the other has ${most}, too many to be listed: its key may sort differently there`,
    );
  }
  if (rows <= leafRows || !larger.key?.ranged) return await leaf(chunk, look);
  // In orders of their own, two sides that take turns would cut for ever: what one cuts off may be more to the other.
  const next = larger.key.ownOrder ? larger : undefined;
  const query = { signal: options.signal, timeoutMs: options.statementMs };
  const step = Math.max(leafRows, Math.ceil(rows / branches));
  const boundary = (from: Chunk['from']) => {
    const pending = larger.boundary({ from, to: chunk.to }, step, query);
    // Awaited one part later; until then a failure has nobody to hear it.
    pending.catch(() => undefined);
    return pending;
  };
  let pending = boundary(chunk.from);
  for (let from = chunk.from; ;) {
    const end = await pending;
    const to = end && endsAt(chunk, end) ? null : end;
    const part: Chunk = { from, to: to ?? chunk.to };
    // Where the next one ends is looked up while this one is being compared.
    if (to) pending = boundary(to);
    const partLook = await lookAt(part, options);
    if (rowsOn(larger, partLook, options) === 0) await mustBeBehind(larger, part, query);
    const isSame = matches(partLook) && (await stoodStill(part, partLook, options));
    if (!isSame) await split(part, partLook, options, leaf, next);
    if (!to) return;
    from = to;
  }
}

function rowsOn(side: TableSide, look: ChunkLook, { source }: SettleOptions): number {
  return side === source ? look.source.rows : look.target.rows;
}
