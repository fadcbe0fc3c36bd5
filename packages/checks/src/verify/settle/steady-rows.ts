import { type Digest, type Listed, type ListedRow, sameRow } from '../chunk/table-side.ts';
import { keyId } from '../key/key.ts';
import type { CloseLook, LookClosely, Proved } from './close-look.ts';
import { sameDigest } from './look.ts';
import type { SettleOptions } from './options.ts';
import { prove } from './prove.ts';
import type { SettledRow } from './settle-rows.ts';

/** So many rows are asked for one by one; of more, first whether anything moves at all. */
const fewRows = 20;
const atLeast = { forMs: 40, reads: 6 };

/** Which of these rows, on each side, show what the rounds showed, and nothing else, in a look that proves it. */
export async function steadyRows(rows: SettledRow[], options: SettleOptions): Promise<Proved<SettledRow>> {
  return await prove(rows, options, async (open, closely) => {
    if (open.length > fewRows) {
      const look = await allAtOnce(open, options, closely);
      if (look) return { steady: open, look };
    }
    return await oneByOne(open, options, closely);
  });
}

async function allAtOnce(
  rows: SettledRow[],
  options: SettleOptions,
  closely: LookClosely,
): Promise<CloseLook | null> {
  const { source, target, within, signal, statementMs } = options;
  const keys = rows.map(({ key }) => key);
  const query = { signal, timeoutMs: statementMs };
  const shown = (side: 'source' | 'target') =>
    options[side].digestOfHashes(rows.flatMap((row) => row[side] ?? []));
  const expected = { source: shown('source'), target: shown('target') };
  return await closely<Digest>(
    options,
    {
      source: (pending) => source.digestOfKeys(keys, within, { ...query, pending }),
      target: () => target.digestOfKeys(keys, within, query),
      showsPending: source.showsPending,
      atLeast,
    },
    (side, digest) => sameDigest(digest, expected[side === 'pending' ? 'source' : side]),
  );
}

async function oneByOne(
  rows: SettledRow[],
  options: SettleOptions,
  closely: LookClosely,
): Promise<{ steady: SettledRow[]; look: CloseLook | null }> {
  const { source, target, within, signal, statementMs } = options;
  const keys = rows.map(({ key }) => key);
  const query = { signal, timeoutMs: statementMs };
  const steady = new Map(rows.map((row) => [keyId(row.key), row]));
  const look = await closely<Listed>(
    options,
    {
      source: (pending) => source.byKeys(keys, within, { ...query, pending }),
      target: () => target.byKeys(keys, within, query),
      showsPending: source.showsPending,
      atLeast,
    },
    (side, listed) => {
      for (const [id, row] of steady) {
        const found = listed.get(id);
        const version = found?.hash ?? null;
        // What is not committed may be anything, but what the target has. One too large to be hashed shows no version.
        const moved = side === 'pending' ? isTargets(found, row) : version !== row[side];
        if (moved || found?.hash === null) steady.delete(id);
      }
      return steady.size > 0;
    },
  );
  return { steady: [...steady.values()], look };
}

function isTargets(found: ListedRow | undefined, { key, target, otherTarget }: SettledRow): boolean {
  if (target === null) return found === undefined;
  return sameRow(found, {
    key,
    hash: target,
    copies: 1,
    ...(otherTarget !== undefined && { other: otherTarget }),
  });
}
