import { wholeTable } from '../chunk/chunk.ts';
import { keyId, type KeyValues } from '../key/key.ts';
import type { SettleOptions } from './options.ts';
import { type Settled, settleRows } from './settle-rows.ts';

/**
 * Settles rows that a part lists on one side or both. Where each server has an order of its own for their key, one
 * server's range is not the other's, and a row that one has in the part the other may have in another: so it is sought
 * by its key, wherever it lies. As changed it is told once, by the part that it lies in on the source.
 */
export async function settleWherever(keys: KeyValues[], options: SettleOptions): Promise<Settled> {
  const { source, within, signal, statementMs } = options;
  if (source.key?.ownOrder !== true || keys.length === 0) return await settleRows(keys, options);
  const settled = await settleRows(keys, { ...options, within: wholeTable });
  const changed = settled.confirmed.filter(({ kind }) => kind === 'changed');
  if (changed.length === 0) return settled;
  const elsewhere = await source.outside(
    changed.map(({ key }) => key),
    within,
    { signal, timeoutMs: statementMs },
  );
  return { ...settled, confirmed: settled.confirmed.filter(({ key }) => !elsewhere.has(keyId(key))) };
}
