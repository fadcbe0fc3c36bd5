import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { atMost, exactly, plainFigure, printFigures } from '../report/figure.ts';
import { milliseconds } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { StormOrder, StormReport } from './storm-process.ts';

/** Longer than this nothing may wait, however many alerts there are. */
const stallLimitMs = 100;

/** So many alerts in one tick: how long nothing else has its turn, whether all are told, and how soon it ends. */
export async function alertStorm(alerts: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say(`${alerts} tables are missing …`);
  const folder = await temporaryFolder(cleanup);
  const config = join(folder, 'lockstep.yaml');
  const nobody = (port: number) => JSON.stringify({ host: '127.0.0.1', port, user: 'u', password: 'p' });
  await writeFile(
    config,
    `servers: { a: ${nobody(1)}, b: ${nobody(2)} }\npairs: [{ name: storm, source: a, target: b }]\nstorage: { file: ${join(folder, 'history.db')} }\n`,
  );
  let received = 0;
  const hook = createServer((request, response) => {
    request.resume().once('end', () => {
      received++;
      response.end('ok');
    });
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  cleanup.defer(() => hook.closeAllConnections());
  cleanup.defer(() => void hook.close());

  const child = fork(join(import.meta.dirname, 'storm-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  cleanup.defer(() => void child.kill('SIGKILL'));
  const order: StormOrder = {
    config,
    alerts,
    webhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  };
  child.send(order);
  const [report] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the storm ended by itself'))),
  ])) as [StormReport];
  const delivered = received;
  const asked = performance.now();
  child.kill('SIGTERM');
  await ended;
  const stoppedMs = performance.now() - asked;

  printFigures(`${alerts} alerts in one tick`, [
    exactly('alerts told', report.told, alerts),
    atMost('most work in one turn', report.turnMs, stallLimitMs, milliseconds),
    plainFigure('longest stall, other programs’ time in it', milliseconds(report.stallMs)),
    plainFigure('stall, 99 of 100', milliseconds(report.p99Ms)),
    plainFigure('until all were told', milliseconds(report.toldMs)),
    plainFigure('an alert', `${((report.toldMs * 1_000) / alerts).toFixed(0)} µs`),
    plainFigure('writes of the outbox meanwhile', String(report.flushes)),
    plainFigure('notifications delivered by then', String(delivered)),
    plainFigure('memory', `${Math.round(report.rssBytes / 2 ** 20)} MiB`),
    atMost('end on SIGTERM', stoppedMs, 5_000, milliseconds),
  ]);
}
