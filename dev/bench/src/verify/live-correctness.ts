import { differing, type TableResult } from '@lockstep/checks';
import { caughtUp } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { exactly, plainFigure, printFigures } from '../report/figure.ts';
import { perSecond, plain } from '../report/units.ts';
import { fillLiveTable, liveLoad, liveTable } from './live-table.ts';
import { lockstepRun } from './lockstep-run.ts';
import { compareWithPlanted, plant } from './planted.ts';
import type { VerificationPair } from './verification-pair.ts';

/** Whether verdicts are right while rows are being written: no false difference, and no planted one missed. */
export async function liveCorrectness(servers: VerificationPair, minutes: number, say: Say): Promise<void> {
  const { pair } = servers;
  await fillLiveTable(pair);
  say(`${servers.name}: verifying for ${minutes} min under writes to hot, toggled and passing rows …`);
  const began = performance.now();
  const results: TableResult[] = [];
  const load = liveLoad(pair.source, 'full');
  try {
    while (performance.now() - began < minutes * 60_000) {
      for (const check of ['checksum', 'checksum', 'consistency'] as const) {
        results.push(...(await lockstepRun(servers.config, [liveTable], { check })).results);
      }
    }
  } catch (error) {
    await load.stop();
    throw error;
  }
  const tookMs = performance.now() - began;
  const writes = await load.stop();
  const verdicts = Object.entries(Object.groupBy(results, ({ verdict }) => verdict));

  await caughtUp(pair.source, pair.target, 120);
  const planted = await plant(pair.target);
  say(`${servers.name}: looking for ${planted.size} planted differences under the same writes …`);
  const again = liveLoad(pair.source, 'minimal');
  const [result] = (await lockstepRun(servers.config, [liveTable])).results;
  await again.stop();
  if (!result) throw new Error('the pass over the planted differences has no result');
  const { cold, warm, wrong } = compareWithPlanted(planted, result.rows);

  const falseOnes = results.flatMap((each) => each.rows);
  printFigures(
    `${servers.name}: ${results.length} passes under ${perSecond(writes / (tookMs / 1000))} writes (${plain(writes)} in all)`,
    [
      exactly('false differences', sumOf(results) + wrong.length, 0),
      plainFigure('verdicts', verdicts.map(([verdict, list]) => `${list?.length} ${verdict}`).join(', ')),
      exactly('planted in rows at rest, found in one pass', cold.found, cold.of),
      exactly('planted in rows written every 5 s, found in one pass', warm.found, warm.of),
    ],
  );
  for (const row of [...falseOnes, ...wrong].slice(0, 5)) {
    console.log(`  wrongly named: ${JSON.stringify(row)}`);
  }
  const undecided = results.find(({ verdict }) => verdict !== 'MATCH' && verdict !== 'DIFFERENT');
  if (undecided) console.log(`  for example: ${undecided.verdict}: ${undecided.reason}`);
  if (cold.found + warm.found < planted.size) console.log(`  the pass: ${result.verdict}: ${result.reason}`);
}

function sumOf(results: TableResult[]): number {
  return results.reduce((sum, { differences }) => sum + differing(differences), 0);
}
