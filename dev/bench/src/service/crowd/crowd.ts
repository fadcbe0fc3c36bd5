import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuShare, readUsage, type Usage } from '../../measure/process-usage.ts';
import { atMost, type Figure, plainFigure, printFigures } from '../../report/figure.ts';
import { median, quantile } from '../../report/statistics.ts';
import { megabytes, milliseconds, percent, plain, times } from '../../report/units.ts';
import type { ClientsOrder, Heard } from './crowd-clients.ts';
import type { Listening, ServerOrder, Turns } from './crowd-server.ts';
import { titles, type Transport } from './transport.ts';

/** What the service may cost where a bare broadcast of the same bytes costs one. */
const most = { p99: 1.5, cpu: 2 };

interface Measured {
  usages: Usage[];
  delays: number[];
  longestMs: number;
}

export interface CrowdSize {
  subscribers: number;
  seconds: number;
  /** How often the service and the bare broadcast take turns. */
  rounds: number;
}

/**
 * So many subscribers of one pair's lag, four samples a second: the service and a bare broadcast of the same bytes, in
 * turns, each in a process of its own and with the same crowd before it.
 */
export async function crowd(
  transport: Transport,
  { subscribers, seconds, rounds }: CrowdSize,
  say: (text: string) => void,
): Promise<void> {
  say(`${plain(subscribers)} subscribers over ${titles[transport]} …`);
  const served: Measured[] = [];
  const bare: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await measure(transport, true, subscribers, seconds));
    served.push(await measure(transport, false, subscribers, seconds));
  }
  const cpu = (of: Measured[]) => median(of.map(({ usages }) => cpuShare(usages)));
  // Of a busy machine fewer may come: values that wait are replaced by newer ones.
  const perMessage = (of: Measured[]) =>
    median(of.map(({ usages, delays }) => (cpuShare(usages) * seconds * 1e6) / delays.length));
  const delay = (of: Measured[], share: number) => median(of.map(({ delays }) => quantile(delays, share)));
  const rss = (of: Measured[]) => Math.max(...of.map(({ usages }) => usages.at(-1)?.rssBytes ?? NaN));
  const each = (what: string, of: Measured[]): Figure[] => [
    plainFigure(`${what}: CPU, of one core`, percent(cpu(of))),
    plainFigure('  CPU of a message', `${perMessage(of).toFixed(1)} µs`),
    plainFigure('  delay, median', milliseconds(delay(of, 0.5))),
    plainFigure('  delay, p99', milliseconds(delay(of, 0.99))),
    plainFigure('  memory', megabytes(rss(of))),
    plainFigure('  longest turn', milliseconds(median(of.map(({ longestMs }) => longestMs)))),
    plainFigure(
      '  messages a second',
      plain(Math.round(median(of.map((one) => one.delays.length / seconds)))),
    ),
  ];
  printFigures(`${plain(subscribers)} subscribers × 4 a second over ${titles[transport]}`, [
    ...each('bare broadcast', bare),
    ...each('Lockstep', served),
    atMost('p99 beside the bare broadcast', delay(served, 0.99) / delay(bare, 0.99), most.p99, times),
    atMost(
      'CPU of a message beside the bare broadcast',
      perMessage(served) / perMessage(bare),
      most.cpu,
      times,
    ),
  ]);
}

async function measure(
  transport: Transport,
  bare: boolean,
  count: number,
  seconds: number,
): Promise<Measured> {
  await using cleanup = new AsyncDisposableStack();
  const server = child('crowd-server.ts', cleanup);
  const { port } = await ask<Listening>(server, {
    bare: bare ? transport : null,
    mostConnections: count + 100,
  } satisfies ServerOrder);
  const clients = child('crowd-clients.ts', cleanup);
  await ask<Heard>(clients, { port, count, transport, bare } satisfies ClientsOrder);
  // What is new is compiled first.
  await pause(2_000);
  await Promise.all([ask<Turns>(server, {}), ask<Heard>(clients, {})]);
  const before = await readUsage(server.pid as number);
  await pause(seconds * 1_000);
  const usages = [before, await readUsage(server.pid as number)];
  const [{ longestMs }, { delays }] = await Promise.all([ask<Turns>(server, {}), ask<Heard>(clients, {})]);
  return { usages, delays, longestMs };
}

export function child(file: string, cleanup: AsyncDisposableStack): ChildProcess {
  const forked = fork(join(import.meta.dirname, file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  cleanup.defer(async () => {
    if (forked.exitCode !== null) return;
    const ended = once(forked, 'exit');
    forked.kill('SIGKILL');
    await ended;
  });
  return forked;
}

/** Sends, and waits for the answer. Rejects when the process ends instead. */
export async function ask<Answer>(forked: ChildProcess, order: object): Promise<Answer> {
  const over = new AbortController();
  try {
    const ended = once(forked, 'exit', { signal: over.signal }).then(() => {
      throw new Error('a process of the crowd ended by itself');
    });
    const answered = once(forked, 'message', { signal: over.signal });
    forked.send(order);
    const [answer] = (await Promise.race([answered, ended])) as [Answer];
    return answer;
  } finally {
    over.abort();
  }
}
