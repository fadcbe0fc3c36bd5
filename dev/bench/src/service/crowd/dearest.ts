import { readUsage } from '../../measure/process-usage.ts';
import { atMost, plainFigure, printFigures } from '../../report/figure.ts';
import { median } from '../../report/statistics.ts';
import { megabytes, milliseconds, plain } from '../../report/units.ts';
import { ask, child } from './crowd.ts';
import type { Listening, ServerOrder, Turns } from './crowd-server.ts';
import { fleet } from './large-fleet.ts';

const result = 'verdict reason method runId chunks startedAt finishedAt rowsCompared sourceRows targetRows';
/** As many tables, with as much of each, as the price admits. */
const tables = Array.from({ length: 8 }, (_, i) => `t${i}: pair(name: "pair0") { ...F }`).join(' ');
const dearest = `{ ${tables} } fragment F on Pair { tables(first: 500) { nodes { name checksum { ${result} } consistency { ${result} } } } }`;
const everyPair = `{ ${Array.from({ length: 10 }, (_, i) => `p${i}: pairs { name state evidence lag { lagMs evidence at } source { name host port } target { name host port } }`).join(' ')} }`;

/** What the dearest queries cost that a viewer may ask, at 300 pairs and 20,000 tables. */
export async function dearestQueries(rounds: number, say: (text: string) => void): Promise<void> {
  for (const [what, query] of [
    ['tables', dearest],
    ['pairs', everyPair],
  ] as const) {
    await using cleanup = new AsyncDisposableStack();
    say(`As much of ${what} as may be asked for …`);
    const server = child('crowd-server.ts', cleanup);
    const order: ServerOrder = { bare: null, mostConnections: 100, turns: true, large: true };
    const { port } = await ask<Listening>(server, order);
    await answer(port, '{ version }');
    const before = (await readUsage(server.pid as number)).rssBytes;
    await ask<Turns>(server, {});
    const took: number[] = [];
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      bytes = await answer(port, query);
      took.push(performance.now() - began);
    }
    const { workMs, longestMs } = await ask<Turns>(server, {});
    const grown = (await readUsage(server.pid as number)).rssBytes - before;
    printFigures(
      `${plain(fleet.pairs)} pairs, ${plain(fleet.tables)} tables: as much of ${what} as the price admits`,
      [
        plainFigure('answer', megabytes(bytes)),
        atMost('until it is there, median', median(took), 1_000, milliseconds),
        atMost('most work in one turn', workMs, 50, milliseconds),
        plainFigure('longest turn, other programs’ time in it', milliseconds(longestMs)),
        atMost('memory more', grown, 150 * 2 ** 20, megabytes),
      ],
    );
  }
}

/** In bytes. Rejects where it is an error. */
async function answer(port: number, query: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  if (!response.ok || text.includes('"errors"')) throw new Error(text.slice(0, 300));
  return text.length;
}
