import { setTimeout as pause } from 'node:timers/promises';
import { openStorage, silent } from '@lockstep/checks';
import { createMonitorUser, freePort, startPair } from '@lockstep/servers';
import { readEngineConfig } from '../engine-config.ts';
import { cpuShare, largestRss, watchUsage } from '../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../report/figure.ts';
import { megabytes, milliseconds, percent, plain } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeConfig } from './config-file.ts';
import { startService } from './service-process.ts';

const patienceMs = 120_000;
/** After which what an earlier process left is read and shown, and the first samples are in. */
const settleMs = 15_000;

/**
 * So many tables, all compared and the same: what it costs while nothing happens. One table is compared, by a service
 * that ends; what it found stands for all of them in the history that the next one goes on from, since comparing
 * 20,000 is another measurement and takes as long as a run takes.
 */
export async function manyTables(
  tables: number,
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say('Comparing one table …');
  const pair = cleanup.use(await startPair({ flavour: 'mariadb' }));
  await pair.source.query('CREATE DATABASE wide');
  await pair.source.query('CREATE TABLE wide.t0 (id INT PRIMARY KEY, v INT)');
  for (const server of [pair.source, pair.target]) await createMonitorUser(server, ['wide']);
  const folder = await temporaryFolder(cleanup);
  const port = await freePort();
  const config = await writeConfig(folder, {
    servers: { source: { handle: pair.source }, target: { handle: pair.target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['wide.*'],
    but: { http: { port } },
  });
  const first = await startService(folder, config, port);
  cleanup.defer(() => first.stop());
  await matching(port, 1);
  await first.stop();

  say(`… and saying of ${plain(tables)} what was found of it …`);
  remember(config, tables);
  const service = await startService(folder, config, port);
  cleanup.defer(() => service.stop());
  await matching(port, tables);
  await pause(settleMs);
  const usages = await watchUsage(service.pid, seconds * 1_000);
  await matching(port, tables);
  printFigures(`${plain(tables)} tables, all compared, nothing changes`, [
    plainFigure('start', milliseconds(service.startMs)),
    atMost('CPU, of one core, then', cpuShare(usages), 0.05, percent),
    plainFigure('memory', megabytes(largestRss(usages))),
  ]);
}

/** Both checks' results of the one table are those of `tables` of them. */
function remember(config: string, tables: number): void {
  const { engine, pair } = readEngineConfig(config);
  const storage = openStorage(engine.storage, { log: silent, bufferRows: 4 * tables });
  const found = storage.results(pair.name);
  for (let i = 1; i < tables; i++) {
    for (const result of found) storage.recordResult({ ...result, table: `t${i}`, rows: [] });
  }
  storage.close();
}

/** Resolves once both checks have run, and so many tables are known to match. */
async function matching(port: number, tables: number): Promise<void> {
  const began = performance.now();
  while ((await matches(port)) < tables) {
    if (performance.now() - began > patienceMs) throw new Error(`${plain(tables)} tables do not match`);
    await pause(200);
  }
}

async function matches(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ pair(name: "pair") { tableCounts { match } } schedules { lastRun } }' }),
  });
  const { data } = (await response.json()) as Answer;
  if (!data?.schedules.every(({ lastRun }) => lastRun !== null)) return 0;
  return data.pair.tableCounts.match;
}

interface Answer {
  data?: { pair: { tableCounts: { match: number } }; schedules: { lastRun: string | null }[] };
}
