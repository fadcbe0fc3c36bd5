import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openStorage, silent } from '@lockstep/checks';
import { endedWith } from 'lockstep/src/notify/ended-with.ts';
import { atMost, exactly, plainFigure, printFigures } from '../report/figure.ts';
import { milliseconds } from '../report/units.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { GroupsOrder, GroupsReport } from './groups-process.ts';

const groupWaitMs = 10_000;
const groupIntervalMs = 10_000;
/** So long alerts keep coming, and pairs that they are about. */
const duringMs = 60_000;
const pairs = 2;

/**
 * Alerts through groups to four destinations, of which one hangs and one answers 500; half of the time is lived by a
 * process that is killed, half by the next. What the two others get, how late and in how many messages.
 */
export async function alertGroups(alerts: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await temporaryFolder(cleanup);
  /** By destination: when each alert was told first, and messages. */
  const told = { good: new Map<string, number>(), better: new Map<string, number>() };
  const messages = { good: 0, better: 0 };
  const keys = new Set<string>();
  /** `<destination> <key>` of each message that came though it had come. */
  const again: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      const name = request.url?.slice(1) ?? '';
      if (name === 'hangs') return;
      if (name !== 'good' && name !== 'better') {
        response.writeHead(500).end();
        return;
      }
      const { key, alerts: inside } = JSON.parse(Buffer.concat(parts).toString()) as {
        key: string;
        alerts: { id: string }[];
      };
      if (keys.has(`${name} ${key}`)) again.push(`${name} ${key}`);
      keys.add(`${name} ${key}`);
      messages[name]++;
      for (const { id } of inside) if (!told[name].has(id)) told[name].set(id, Date.now());
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.defer(() => server.closeAllConnections());
  cleanup.defer(() => void server.close());

  const order: GroupsOrder = {
    file: join(folder, 'history.db'),
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    groupWaitMs,
    groupIntervalMs,
    pairs,
    alerts: alerts / 2,
    duringMs: duringMs / 2,
    from: 0,
  };
  /** When each alert was published. */
  const published: number[] = [];
  const live = async (more: Partial<GroupsOrder>, killed: boolean): Promise<GroupsReport> => {
    const child = fork(join(import.meta.dirname, 'groups-process.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ended = once(child, 'exit');
    cleanup.defer(() => void child.kill('SIGKILL'));
    child.send({ ...order, ...more });
    const [report] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('the process ended by itself'))),
    ])) as [GroupsReport];
    for (const [i, at] of report.published) published[i] = at;
    child.kill(killed ? 'SIGKILL' : 'SIGTERM');
    await ended;
    return report;
  };
  say(`${alerts} alerts in ${duringMs / 1000} s, to four destinations; it is killed in the middle …`);
  const first = await live({}, true);
  const killedAt = Date.now();
  const open = stillToBring(order.file);
  const second = await live({ from: alerts / 2, lingerMs: groupWaitMs + 2 * groupIntervalMs }, false);

  const unheard = new Set([...open, ...first.failed, ...second.failed]);
  const twice = again.filter((message) => !unheard.has(message)).length;
  // What was due while nobody was there is due when the next process is.
  const late = (name: keyof typeof told) =>
    Math.max(
      ...published.map((at, i) => {
        const due = at + Math.max(groupWaitMs, groupIntervalMs);
        const waits = i < alerts / 2 && due > killedAt;
        return (told[name].get(`a${i}`) ?? Infinity) - (waits ? Math.max(due, second.readyAt) : due);
      }),
    );
  printFigures(`${alerts} alerts in a minute, to four destinations of which two do not work`, [
    exactly('told to the one', told.good.size, alerts),
    exactly('told to the other', told.better.size, alerts),
    exactly('told twice under one key, though its arrival was known', twice, 0),
    plainFigure(
      'told twice under one key, as the answer came too late or was not noted before the kill',
      String(again.length - twice),
    ),
    atMost('latest after its wait, the one', late('good'), 2_000, milliseconds),
    atMost('latest after its wait, the other', late('better'), 2_000, milliseconds),
    atMost('messages to the one', messages.good, 20, String),
    atMost('messages to the other', messages.better, 20, String),
    atMost('event loop, 99 of 100', Math.max(first.p99Ms, second.p99Ms), 50, milliseconds),
    atMost(
      'work in one turn, 99 of 100, this thread’s own',
      Math.max(first.p99TurnMs, second.p99TurnMs),
      50,
      milliseconds,
    ),
    atMost(
      'most work in one turn, this thread’s own',
      Math.max(first.turnMs, second.turnMs),
      50,
      milliseconds,
    ),
    plainFigure(
      'longest stall, other programs’ time in it',
      milliseconds(Math.max(first.stallMs, second.stallMs)),
    ),
    plainFigure('CPU of the thread', milliseconds(first.cpuMs + second.cpuMs)),
  ]);
}

/** `<destination> <key>` of the messages of which a killed process left no note that they arrived. */
function stillToBring(file: string): string[] {
  const day = 86_400_000;
  const storage = openStorage({ file, rawLagMs: day, minuteLagMs: day, historyMs: day }, { log: silent });
  try {
    const messages = Map.groupBy(
      storage.waitingDeliveries(),
      ({ destination, message }) => `${destination} ${message}`,
    );
    return [...messages].flatMap(([message, parts]) => (endedWith(storage, parts) ? [] : message));
  } finally {
    storage.close();
  }
}
