import { setTimeout as pause } from 'node:timers/promises';
import { caughtUp, createMonitorUser, freePort, startPair } from '@lockstep/servers';
import { cpuShare, largestRss, watchUsage } from '../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../report/figure.ts';
import { megabytes, percent, plain, seconds as inSeconds } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeConfig } from './config-file.ts';
import { startService } from './service-process.ts';

const patienceMs = 20 * 60_000;

/** So many tables, all compared and the same: what it costs while nothing happens. */
export async function manyTables(
  tables: number,
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say(`Making ${plain(tables)} tables …`);
  const pair = cleanup.use(
    await startPair({
      flavour: 'mariadb',
      // A file for each table would be most of the work.
      options: ['--innodb-file-per-table=0', '--innodb-flush-log-at-trx-commit=0'],
    }),
  );
  await pair.source.query('CREATE DATABASE wide');
  const ofConnection = (first: number) => makeTables(pair.source, first, tables);
  await Promise.all(Array.from({ length: connections }, (_, i) => ofConnection(i)));
  for (const server of [pair.source, pair.target]) await createMonitorUser(server, ['wide']);
  say('… on the target …');
  await caughtUp(pair.source, pair.target, patienceMs / 1_000);
  const folder = await temporaryFolder(cleanup);
  const port = await freePort();
  const config = await writeConfig(folder, {
    servers: { source: { handle: pair.source }, target: { handle: pair.target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['wide.*'],
    defaults: { checks: { consistency: { enabled: false } } },
    but: { http: { port } },
  });
  const service = await startService(folder, config, port);
  cleanup.defer(() => service.stop());
  say('Comparing them …');
  const began = performance.now();
  while ((await matching(port)) < tables) {
    if (performance.now() - began > patienceMs) throw new Error('the tables were not compared in 20 minutes');
    await pause(1_000);
  }
  const tookMs = performance.now() - began;
  await pause(10_000);
  const usages = await watchUsage(service.pid, seconds * 1_000);
  printFigures(`${plain(tables)} tables, all compared, nothing changes`, [
    plainFigure('until all were compared', inSeconds(tookMs)),
    atMost('CPU, of one core, then', cpuShare(usages), 0.05, percent),
    plainFigure('memory', megabytes(largestRss(usages))),
  ]);
}

const connections = 4;

async function makeTables(
  server: { connect(): Promise<{ query(sql: string): Promise<unknown>; end(): Promise<void> }> },
  first: number,
  tables: number,
): Promise<void> {
  const connection = await server.connect();
  for (let i = first; i < tables; i += connections) {
    await connection.query(`CREATE TABLE wide.t${i} (id INT PRIMARY KEY, v INT)`);
  }
  await connection.end();
}

async function matching(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ pair(name: "pair") { tableCounts { match } } }' }),
  });
  const { data } = (await response.json()) as { data?: { pair: { tableCounts: { match: number } } } };
  return data?.pair.tableCounts.match ?? 0;
}
