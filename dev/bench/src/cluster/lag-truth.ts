import { setTimeout as pause } from 'node:timers/promises';
import type { Say } from '../benchmark.ts';
import { recordLag } from '../lag/lag-recorder.ts';
import { atMost, exactly, plainFigure, printFigures } from '../report/figure.ts';
import { quantile } from '../report/statistics.ts';
import { milliseconds, percent, seconds } from '../report/units.ts';
import { startBeats } from './beats.ts';
import { type ClusterStage, schema, stall } from './stage.ts';

const limitMs = 500;

/** The lag of a member that is held up, against what its own rows say. */
export async function lagTruth(
  { kind, cluster, config }: ClusterStage,
  troubleSeconds: number,
  say: Say,
): Promise<void> {
  const [first, second] = cluster.members;
  say(`${kind}: a member that is held up for ${troubleSeconds} s, three times …`);
  const beats = await startBeats([first, second], () => Promise.resolve(first));
  const recorder = recordLag(config.engine);
  try {
    await recorder.until(({ lagMs, pair }) => pair === 'n1n2' && lagMs === 0, 15_000);
    const from = recorder.samples.length;
    for (let round = 0; round < 3; round++) {
      await pause(1000);
      const end = await stall(second, 'stalled');
      await first.query(`UPDATE ${schema}.stalled SET v = v + 1`);
      await pause(troubleSeconds * 1000);
      await end();
      await recorder.until(({ lagMs, pair }) => pair === 'n1n2' && lagMs === 0, 30_000);
    }
    await pause(1000);
    const judged = recorder.samples.slice(from).flatMap(({ at, sample }) => {
      const [atLeast, atMost] = [beats.behind(1, at), beats.behindAtMost(1, at)];
      if (sample.pair !== 'n1n2' || atLeast === null || atMost === null) return [];
      const figure = sample.lagMs;
      const [low, high] = [Math.min(atLeast, atMost), Math.max(atLeast, atMost)];
      return { figure, low, error: figure === null ? NaN : Math.max(0, low - figure, figure - high) };
    });
    const known = judged.filter(({ figure }) => figure !== null);
    const errors = known.map(({ error }) => error);
    printFigures(`${kind}: lag of a member that is held up, against its own rows`, [
      plainFigure('the truth, largest', seconds(Math.max(...judged.map(({ low }) => low)))),
      plainFigure(`unknown, of ${judged.length} samples`, percent(1 - known.length / judged.length)),
      plainFigure('error, median', milliseconds(quantile(errors, 0.5))),
      atMost('  largest', Math.max(...errors), limitMs, milliseconds),
      exactly(
        'samples of 0 while the truth was over 0.5 s',
        known.filter(({ figure, low }) => figure === 0 && low > limitMs).length,
        0,
      ),
    ]);
  } finally {
    await recorder.stop();
    await beats.stop();
    await first.query(`DROP TABLE ${schema}.beats`);
  }
}
