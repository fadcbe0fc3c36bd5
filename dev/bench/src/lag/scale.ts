import type { TestServer } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { cpuShare, largestRss, watchUsage } from '../measure/process-usage.ts';
import { exactly, plainFigure, printFigures } from '../report/figure.ts';
import { megabytes, milliseconds, percent, perSecond } from '../report/units.ts';
import { startFleet } from './fleet-process.ts';
import type { Fleet } from './fleet-servers.ts';
import { startHeartbeat } from './heartbeat.ts';

const periodMs = 250;
/** How long until a server that does not answer counts so: the configured timeout, and a little. */
const noticeMs = 5_000;

/** What watching many pairs costs Lockstep and each server, and whether a frozen server disturbs the others. */
export async function scale(fleet: Fleet, forSeconds: number, say: Say): Promise<void> {
  const { source, targets, config, pairs, namesOf } = fleet;
  const [firstTarget] = targets as [TestServer, ...TestServer[]];
  const frozen = targets.at(-1) as TestServer;
  // Something has to be written, or all positions stay as they are.
  const heartbeat = await startHeartbeat(source, firstTarget);
  const engine = startFleet(config);
  try {
    await engine.until(({ known }) => known === pairs, 60_000);
    say(`Watching ${pairs} pairs for ${forSeconds} s …`);
    await engine.intervals(null);
    // Not the one that the heartbeat is read from.
    const counted = targets[1] as TestServer;
    const before = await questions(counted);
    const usages = await watchUsage(engine.pid, forSeconds * 1000);
    const statements = (await questions(counted)) - before;
    const seconds = ((usages.at(-1)?.at ?? NaN) - (usages[0]?.at ?? NaN)) / 1000;
    const steady = await engine.intervals(null);

    say(`One of ${targets.length} servers frozen, with a quarter of the targets on it …`);
    await frozen.freeze();
    await engine.intervals(null);
    const waited = await watchUsage(engine.pid, Math.max(noticeMs, forSeconds * 1000));
    const others = await engine.intervals(`t${targets.length - 1}-`);
    const stillKnown = (await engine.state()).knownPairs.filter(
      (name) => Number(name.slice('pair'.length)) % targets.length === targets.length - 1,
    ).length;
    frozen.thaw();
    const thawed = await engine.until(({ known }) => known === pairs, 120_000);

    printFigures(`${pairs} pairs in one process, a sample each every ${periodMs} ms, checks off`, [
      plainFigure('CPU, of one core', percent(cpuShare(usages))),
      plainFigure('memory (RSS), largest', megabytes(largestRss(usages))),
      plainFigure('statements per server', perSecond(statements / seconds / namesOf(counted))),
      plainFigure('sampling interval, median', periods(steady.p50Ms)),
      plainFigure('  p99', periods(steady.p99Ms)),
      plainFigure('  largest', periods(steady.largestMs)),
      plainFigure('others while a quarter of the targets is frozen, p99', periods(others.p99Ms)),
      plainFigure('  largest', periods(others.largestMs)),
      exactly('  pairs of the frozen server still said to be known', stillKnown, 0),
      plainFigure('  CPU, of one core', percent(cpuShare(waited))),
      plainFigure('after it goes on: until all are known', milliseconds(thawed)),
    ]);
  } finally {
    frozen.thaw();
    await engine.kill();
    await heartbeat.stop();
  }
}

function periods(ms: number): string {
  return `${(ms / periodMs).toFixed(2)} periods`;
}

async function questions(server: TestServer): Promise<number> {
  const [row] = await server.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Questions'`);
  return Number(row?.Value);
}
