import { atMost, exactly, plainFigure, printFigures } from '../../report/figure.ts';
import { median, quantile } from '../../report/statistics.ts';
import { milliseconds, plain } from '../../report/units.ts';
import { ask, child } from './crowd.ts';
import type { Listening, ServerOrder, Turns } from './crowd-server.ts';
import type { Returned, ReturnOrder } from './returning-clients.ts';

const clients = 500;
/** Longer than this nothing may wait. */
const turnLimitMs = 100;

/** 500 pages lose their sockets at once and come back at once, as they do when a proxy is restarted. */
export async function allReturn(rounds: number, say: (text: string) => void): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  say(`${plain(clients)} clients are cut and return …`);
  const server = child('crowd-server.ts', cleanup);
  const mostConnections = 4 * clients;
  const { port } = await ask<Listening>(server, {
    bare: null,
    mostConnections,
    turns: true,
  } satisfies ServerOrder);
  const crowd = child('returning-clients.ts', cleanup);
  const order: ReturnOrder = { port, count: clients };
  // They come for the first time, which compiles all that is new.
  await ask<Returned>(crowd, order);
  const returned: Returned[] = [];
  const turns: Turns[] = [];
  for (let round = 0; round < rounds; round++) {
    await ask<Turns>(server, {});
    returned.push(await ask<Returned>(crowd, order));
    turns.push(await ask<Turns>(server, {}));
  }
  const firstValues = returned.flatMap(({ tookMs }) => tookMs);
  printFigures(`${plain(clients)} clients return at once, ${plain(rounds)} times`, [
    exactly('clients that had their first value again', firstValues.length, rounds * clients),
    plainFigure('until its first value, median', milliseconds(median(firstValues))),
    plainFigure('  p99', milliseconds(quantile(firstValues, 0.99))),
    plainFigure('  the last', milliseconds(Math.max(...firstValues))),
    atMost(
      'most work in one turn',
      Math.max(...turns.map(({ workMs }) => workMs)),
      turnLimitMs,
      milliseconds,
    ),
    plainFigure(
      'longest turn, other programs’ time in it',
      milliseconds(Math.max(...turns.map(({ longestMs }) => longestMs))),
    ),
  ]);
}
