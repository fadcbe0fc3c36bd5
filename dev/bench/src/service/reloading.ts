import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@lockstep/servers';
import type { Say } from '../benchmark.ts';
import { startFleetServers } from '../lag/fleet-servers.ts';
import { startHeartbeat } from '../lag/heartbeat.ts';
import { readUsage } from '../measure/process-usage.ts';
import { below, exactly, plainFigure, printFigures } from '../report/figure.ts';
import { quantile } from '../report/statistics.ts';
import { milliseconds } from '../report/units.ts';
import type { ConfigContent } from './config-file.ts';
import { SampleTimes } from './sample-times.ts';
import { startService } from './service-process.ts';

const periodMs = 250;

type Content = Omit<ConfigContent, 'servers'> & { servers: Record<string, object>; http?: object };

/** A pair more, and a pair less, beside many that stay: how long it takes, and whether their samples wait for it. */
export async function reloading(pairs: number, rounds: number, say: Say): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say(`Starting servers for ${pairs} pairs …`);
  const { source, targets, config } = await startFleetServers(pairs, cleanup);
  const [firstTarget] = targets;
  if (!firstTarget) throw new Error('a fleet has targets');
  const heartbeat = await startHeartbeat(source, firstTarget);
  cleanup.defer(() => heartbeat.stop());
  const port = await freePort();
  const content = JSON.parse(await readFile(config, 'utf8')) as Content;
  const few = { ...content, http: { port } };
  const [anyTarget] = Object.entries(content.servers).find(([name]) => name.startsWith('t')) ?? [];
  const more = {
    ...few,
    servers: { ...few.servers, 't-new': content.servers[anyTarget ?? ''] ?? {} },
    pairs: [...few.pairs, { name: 'new', source: 's0', target: 't-new' }],
  };
  const write = (next: Content) => writeFile(config, JSON.stringify(next, null, 2), { mode: 0o600 });
  await write(few);
  const service = await startService(dirname(config), config, port);
  cleanup.defer(() => service.stop());
  const samples = new SampleTimes(port);
  cleanup.defer(() => samples.close());
  await samples.allKnown(pairs);
  // What a start has to do is over.
  await pause(5_000);

  samples.forget();
  say(`Nothing changes, for ${rounds * 5} s …`);
  await pause(rounds * 5_000);
  const steady = samples.intervals('new');
  const took: number[] = [];
  const cpu: number[] = [];
  const measured: number[] = [];
  say(`${2 * rounds} times the file has a pair more, or less …`);
  samples.forget();
  for (let round = 0; round < rounds; round++) {
    for (const next of [more, few]) {
      await write(next);
      const before = await readUsage(service.pid);
      const changed = await reload(port);
      const after = await readUsage(service.pid);
      if (changed !== 1) throw new Error(`${changed} pairs came or went, not one`);
      took.push(after.at - before.at);
      cpu.push(after.cpuMs - before.cpuMs);
      if (next === more) measured.push(await samples.firstOf('new', before.at));
      // What it left to be done is over, too.
      await pause(2_000);
    }
  }
  const meanwhile = samples.intervals('new');
  const late = meanwhile.filter((ms) => ms > 2 * periodMs).length;
  const largest = (list: number[]) => list.reduce((most, each) => Math.max(most, each), 0);
  printFigures(`${pairs} pairs that stay, and one that comes and goes`, [
    below('reload, from request to answer, largest', largest(took), 1_000, milliseconds),
    plainFigure('  median', milliseconds(quantile(took, 0.5))),
    plainFigure('  processor, median (all that is done meanwhile)', milliseconds(quantile(cpu, 0.5))),
    below('  until the new pair is measured, largest', largest(measured), 2_000, milliseconds),
    exactly('samples of the others more than one period late', late, 0),
    plainFigure('  of', String(meanwhile.length)),
    plainFigure('interval between them, p99', milliseconds(quantile(meanwhile, 0.99))),
    plainFigure('  largest', milliseconds(largest(meanwhile))),
    plainFigure('while nothing changes, p99', milliseconds(quantile(steady, 0.99))),
    plainFigure('  largest', milliseconds(largest(steady))),
  ]);
}

/** Resolves with how many pairs came or went, when that is answered. */
async function reload(port: number): Promise<number> {
  const query = `mutation { reloadConfiguration {
    ... on Reconfigured { pairs { added removed changed } } ... on RequestError { message } } }`;
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await answer.json()) as {
    data: { reloadConfiguration: { message?: string; pairs: Record<string, string[]> } };
  };
  const { message, pairs } = data.reloadConfiguration;
  if (message !== undefined) throw new Error(message);
  return Object.values(pairs).flat().length;
}
