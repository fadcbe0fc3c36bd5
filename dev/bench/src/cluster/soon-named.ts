import { differing, silent, verifyOnce } from '@lockstep/checks';
import type { Say } from '../benchmark.ts';
import { atMost, exactly, printFigures } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { plain, seconds } from '../report/units.ts';
import { alone, type ClusterStage, coldRows, schema } from './stage.ts';

/** How long after a run's start a row is named that differs on one member alone. */
export async function soonNamed(
  { kind, cluster, config }: ClusterStage,
  rounds: number,
  say: Say,
): Promise<void> {
  const [, second] = cluster.members;
  const [before, after] = alone(kind);
  const took: number[] = [];
  let found = 0;
  say(`${kind}: a planted difference, ${rounds} times …`);
  for (let round = 1; round <= rounds; round++) {
    const id = 1 + Math.floor((round * coldRows) / (rounds + 1));
    const change = (v: number) =>
      second.query(`${before}; UPDATE ${schema}.cold SET v = ${v} WHERE id = ${id}; ${after}`);
    await change(7);
    const began = performance.now();
    let named = NaN;
    await verifyOnce({
      ...config,
      only: [{ schema, table: 'cold' }],
      signal: new AbortController().signal,
      log: silent,
      onProgress: () => undefined,
      onResult: ({ verdict, differences }) => {
        if (verdict !== 'DIFFERENT' || differing(differences) !== 1) return;
        found++;
        named = performance.now() - began;
      },
    });
    took.push(named);
    await change(0);
  }
  printFigures(`${kind}: a row that differs on one of three members, among ${plain(coldRows)}`, [
    exactly('named', found, rounds),
    atMost('from the start of the check until it is named, median', median(took), 3000, seconds),
    atMost('  longest', Math.max(...took), 3000, seconds),
  ]);
}
