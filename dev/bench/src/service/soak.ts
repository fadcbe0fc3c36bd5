import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createMonitorUser, freePort, type ServerHandle, startPair } from '@lockstep/servers';
import { WebSocket } from 'ws';
import { startFleetServers } from '../lag/fleet-servers.ts';
import { cpuShare, readUsage, type Usage } from '../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../report/figure.ts';
import { median } from '../report/statistics.ts';
import { megabytes, percent, plain } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type Collected, collectedFile } from './collected.ts';
import { writeConfig } from './config-file.ts';
import { startService } from './service-process.ts';

const changesEveryMs = 250;
const readers = 30;
const lookEveryMs = 60_000;
/** By how much of it memory after a collection may differ between two parts of the last half. */
const level = 0.02;

interface Look extends Usage {
  usedBytes: number;
  descriptors: number;
}

/** One pair, checked all the time, with readers of everything that come and go: what is in use minute by minute. */
export async function soak(minutes: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const pair = cleanup.use(await startPair({ flavour: 'mariadb' }));
  await pair.source.query('CREATE DATABASE bench; CREATE TABLE bench.t (id INT PRIMARY KEY, n INT NOT NULL)');
  await pair.source.query('INSERT INTO bench.t VALUES (1, 0)');
  for (const server of [pair.source, pair.target]) await createMonitorUser(server, ['bench']);
  const port = await freePort();
  const config = await writeConfig(await temporaryFolder(cleanup), {
    servers: { source: { handle: pair.source }, target: { handle: pair.target } },
    pairs: [{ name: 'pair', source: 'source', target: 'target' }],
    tables: ['bench.*'],
    but: { http: { port } },
    defaults: { checks: { checksum: { every: '10s' }, consistency: { every: '10s' } } },
  });
  const looks = await watch({ config, port, source: pair.source, minutes, say, cleanup });
  print(`${plain(minutes)} minutes, one pair, ${readers} readers`, looks, null);
}

/** 300 sources with a target each and four changes a second on every one. */
export async function manySources(minutes: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const sources = 300;
  const port = await freePort();
  const fleet = await startFleetServers(sources, cleanup, { replicasOfOne: 1, but: { http: { port } } });
  const { config, source } = fleet;
  await source.query('CREATE DATABASE bench; CREATE TABLE bench.t (id INT PRIMARY KEY, n INT NOT NULL)');
  await source.query('INSERT INTO bench.t VALUES (1, 0)');
  const looks = await watch({ config, port, source, minutes, say, cleanup });
  print(`${plain(minutes)} minutes, ${sources} sources with 4 changes a second each`, looks, 300 * 2 ** 20);
}

interface Watching {
  config: string;
  port: number;
  source: ServerHandle;
  minutes: number;
  say: (text: string) => void;
  cleanup: AsyncDisposableStack;
}

async function watch({ config, port, source, minutes, say, cleanup }: Watching): Promise<Look[]> {
  const folder = await temporaryFolder(cleanup);
  const file = join(folder, 'collected.json');
  const service = await startService(folder, config, port, {
    node: ['--import', join(import.meta.dirname, 'collected.ts')],
    env: { [collectedFile]: file },
  });
  cleanup.defer(() => service.stop());
  const over = new AbortController();
  const working = Promise.all([change(source, over.signal), read(port, over.signal)]);
  cleanup.defer(async () => {
    over.abort();
    await working;
  });
  const looks: Look[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    await pause(lookEveryMs);
    const { usedBytes } = await collected(service.pid, file, minute);
    const descriptors = (await readdir(`/proc/${service.pid}/fd`)).length;
    const look = { ...(await readUsage(service.pid)), usedBytes, descriptors };
    looks.push(look);
    const inUse = `${megabytes(usedBytes)} in use, ${megabytes(look.rssBytes)} resident`;
    say(`minute ${minute}: ${inUse}, ${descriptors} file descriptors`);
  }
  return looks;
}

function print(title: string, looks: readonly Look[], mostBytes: number | null): void {
  const half = looks.slice(Math.floor(looks.length / 2));
  const [before, after] = [
    half.slice(0, Math.ceil(half.length / 2)),
    half.slice(Math.floor(half.length / 2)),
  ];
  const used = (of: readonly Look[]) => median(of.map(({ usedBytes }) => usedBytes));
  const open = (of: readonly Look[]) => median(of.map(({ descriptors }) => descriptors));
  const largest = Math.max(...looks.map(({ rssBytes }) => rssBytes));
  printFigures(title, [
    plainFigure('CPU, of one core', percent(cpuShare(looks))),
    plainFigure('in use after a collection, first', megabytes(looks[0]?.usedBytes ?? NaN)),
    plainFigure('  last', megabytes(looks.at(-1)?.usedBytes ?? NaN)),
    atMost('  it grew in the last half by', used(after) / used(before) - 1, level, percent),
    atMost('file descriptors more in the last half', open(after) - open(before), 0, String),
    mostBytes === null
      ? plainFigure('memory, largest', megabytes(largest))
      : atMost('memory, largest', largest, mostBytes, megabytes),
  ]);
}

async function collected(pid: number, file: string, times: number): Promise<Collected> {
  process.kill(pid, 'SIGUSR2');
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const now = text === '' ? null : (JSON.parse(text) as Collected);
    if (now?.times === times) return now;
    await pause(20);
  }
  throw new Error('the service does not say what is in use');
}

async function change(source: ServerHandle, over: AbortSignal): Promise<void> {
  const connection = await source.connect();
  try {
    while (!over.aborted) {
      await connection.query('UPDATE bench.t SET n = n + 1');
      await pause(changesEveryMs, undefined, { signal: over }).catch(() => undefined);
    }
  } finally {
    await connection.end();
  }
}

/** Each hears everything for some seconds, and comes again; one asks for what there is. */
async function read(port: number, over: AbortSignal): Promise<void> {
  const reader = async (i: number) => {
    while (!over.aborted) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
      socket.on('error', () => undefined);
      await pause(5_000 + 100 * i, undefined, { signal: over }).catch(() => undefined);
      socket.terminate();
      const answer = await fetch(`http://127.0.0.1:${port}/api/metrics`).catch(() => null);
      await answer?.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: readers }, (_, i) => reader(i)));
}
