import { setTimeout as pause } from 'node:timers/promises';
import { caughtUp, type Flavour, pausingProxy, replicate, startServer } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { readEngineConfig } from '../engine-config.ts';
import { countMissed } from '../report/figure.ts';
import { printTable } from '../report/table.ts';
import { milliseconds, percent, seconds } from '../report/units.ts';
import { writeConfig } from '../service/config-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startHeartbeat } from './heartbeat.ts';
import { recordLag } from './lag-recorder.ts';
import { prepareStage, scenarios, type Stage } from './scenarios.ts';
import { score, type Scores } from './score.ts';

/** Lag by Lockstep, at default rates, and by the target itself, against a heartbeat: trouble by trouble. */
export async function accuracy(flavour: Flavour, troubleSeconds: number, say: Say): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const stage = await startStage(flavour, cleanup);
  await prepareStage(stage);
  const { source, target } = stage;
  const file = await writeConfig(await temporaryFolder(cleanup), {
    servers: { source: { handle: source }, target: { handle: target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['bench.*'],
  });
  const { engine } = readEngineConfig(file);
  const periodMs = engine.lag.sampleIntervalMs;
  const heartbeat = await startHeartbeat(source, target);
  cleanup.defer(() => heartbeat.stop());
  const recorder = recordLag(engine);
  cleanup.defer(() => recorder.stop());
  await recorder.until(({ lagMs, method }) => lagMs === 0 && method === 'gtid', 15_000);

  const rows: [string, Scores][] = [];
  for (const { name, begin } of scenarios) {
    say(`${flavour}: ${name} …`);
    const from = recorder.samples.length;
    await pause(1000);
    const end = await begin(stage);
    await pause(troubleSeconds * 1000);
    await end();
    await caughtUp(source, target, 120);
    await recorder.until(({ lagMs }) => lagMs === 0, 30_000);
    await pause(1000);
    rows.push([name, score(recorder.samples.slice(from), heartbeat, periodMs)]);
  }
  print(`${flavour} ${source.version.join('.')}`, periodMs, rows);
}

async function startStage(flavour: Flavour, cleanup: AsyncDisposableStack): Promise<Stage> {
  const [source, target] = await Promise.all([startServer({ flavour }), startServer({ flavour })]);
  cleanup.use(source);
  cleanup.use(target);
  const proxy = await pausingProxy(source.port);
  cleanup.defer(() => proxy.close());
  await replicate(target, source, { port: proxy.port });
  return { source, target, proxy };
}

function print(name: string, periodMs: number, rows: [string, Scores][]): void {
  console.log(`\n${name}: lag against a 20 ms heartbeat, sampled every ${periodMs} ms`);
  console.log(
    `  within: of 1.5 periods (target: p95 error ≤ ${1.5 * periodMs} ms); false 0: while the truth was over 2 periods (target: none)`,
  );
  printTable(
    [
      'Lockstep',
      'truth up to',
      'samples',
      'unknown',
      'within',
      'p95 error',
      'false 0',
      '',
      'server itself: NULL',
      'p95 error',
      'false 0',
    ],
    rows.map(([scenario, { lockstep, server, largestTruthMs }]) => {
      const met = lockstep.p95ErrorMs <= 1.5 * periodMs && lockstep.wrongZeros === 0;
      if (!met) countMissed();
      return [
        scenario,
        seconds(largestTruthMs),
        String(lockstep.samples),
        percent(lockstep.unknown),
        percent(lockstep.within),
        milliseconds(lockstep.p95ErrorMs),
        String(lockstep.wrongZeros),
        met ? 'PASS' : 'MISS',
        percent(server.unknown),
        milliseconds(server.p95ErrorMs),
        String(server.wrongZeros),
      ];
    }),
  );
}
