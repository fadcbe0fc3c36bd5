import type { Say } from '../benchmark.ts';
import { recordLag } from '../lag/lag-recorder.ts';
import { cpuShare, watchUsage } from '../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../report/figure.ts';
import { percent } from '../report/units.ts';
import type { ClusterStage } from './stage.ts';

/** What a member that does nothing else uses more while it is watched at default rates. */
export async function costToMember(
  { kind, cluster, config }: ClusterStage,
  forSeconds: number,
  say: Say,
): Promise<void> {
  const pids = cluster.members.map(({ pid }) => pid ?? 0);
  const shares = async () =>
    (await Promise.all(pids.map((pid) => watchUsage(pid, forSeconds * 1000)))).map(cpuShare);
  say(`${kind}: three idle members for ${forSeconds} s, unwatched and watched …`);
  const without = await shares();
  const recorder = recordLag(config.engine);
  await recorder.until(({ lagMs }) => lagMs === 0, 15_000);
  const watched = await shares();
  await recorder.stop();
  const more = watched.map((share, index) => share - (without[index] ?? 0));
  printFigures(`${kind}: processor of a member, of one core`, [
    plainFigure('unwatched, most', percent(Math.max(...without))),
    plainFigure('watched, most', percent(Math.max(...watched))),
    atMost('what watching adds, most', Math.max(...more), 0.02, percent),
  ]);
}
