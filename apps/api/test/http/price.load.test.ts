import { setImmediate } from 'node:timers/promises';
import { openStorageInThread, type ServerState, silent, type TableState } from '@lockstep/checks';
import { lagSample, pairState, serverState, tableResult } from '@lockstep/fixture';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { PlainSocket } from '../fixture/plain-socket.ts';
import { type Service, startService } from '../fixture/service.ts';
import { tempFile } from '../notify/fixtures.ts';

const pairs = 300;
const tables = 20_000;

let service: Service;
beforeEach(async () => {
  service = await startService();
  const { engine } = service;
  engine.pairStates = Array.from({ length: pairs }, (_, i) =>
    pairState(`pair${i}`, { tables: { ...pairState('x').tables, total: tables } }),
  );
  engine.serverStates = ['primary', 'replica', ...Array(598).keys()].map((name) => serverState(`${name}`));
  const known = Array.from({ length: tables }, (_, i): TableState => {
    const result = tableResult(`t${i}`, { pair: 'pair0' });
    const [pair, schema, table] = ['pair0', 'shop', `t${i}`];
    return {
      pair,
      schema,
      table,
      rowsEstimated: 1,
      checksum: result,
      consistency: result,
      standing: result,
      checking: false,
    };
  });
  engine.tables = () => known;
});
afterEach(() => service.stop());

const again = (count: number, field: string) =>
  Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

test.each([
  [
    'every table of every pair',
    `{ ${again(24, 'pairs { ...F }')} } fragment F on Pair { tables { nodes { schema name checksum { verdict reason } } } }`,
  ],
  [
    'what the store knows of every table',
    `{ ${again(50, 'pair(name: "pair0") { ...F }')} } fragment F on Pair { tables(first: 500) { nodes { checksum { rows(first: 1) { totalCount } } } } }`,
  ],
  [
    'a look through every table of every pair, however few are shown',
    '{ pairs { tables(first: 1, search: "x") { totalCount } } }',
  ],
  [
    'all tables at the root',
    `{ ${again(50, 'tables(first: 500, verdicts: null) { ...F }')} } fragment F on TableConnection { nodes { schema name checksum { verdict reason } } }`,
  ],
  [
    'every server of every pair',
    `{ ${again(49, 'pairs { ...F }')} } fragment F on Pair { source { name host port } target { name host port } }`,
  ],
  [
    'what the schema is, again and again',
    `{ ${again(25, '__schema { ...F }')} } fragment F on __Schema { types { name fields { name args { name } type { name ofType { name } } } } }`,
  ],
])(
  '%s, asked for at once, is more than one query may ask for: the real sizes count',
  async (_what, query) => {
    const { errors } = await service.graphql(query);
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_MUCH', limit: 'cost' } }]);
  },
);

test('a page of tables is no longer than its bound, and joins the next without a gap', async () => {
  const query = `query ($after: String) { pair(name: "pair0") { tables(first: 20000, after: $after) {
    totalCount nodes { name } pageInfo { hasNextPage endCursor } } } }`;
  interface Answer {
    pair: { tables: { totalCount: number; nodes: { name: string }[]; pageInfo: { endCursor: string } } };
  }
  const first = (await service.graphql<Answer>(query)).data!.pair.tables;
  expect(first).toMatchObject({ totalCount: tables, pageInfo: { hasNextPage: true } });
  expect(first.nodes).toHaveLength(500);
  const second = await service.graphql<Answer>(query, { after: first.pageInfo.endCursor });
  expect(second.data?.pair.tables.nodes[0]).toEqual({ name: 't500' });
});

test('while a dear query is answered, others have their turns', async () => {
  const dear = `{ ${again(4, 'pair(name: "pair0") { ...F }')} } fragment F on Pair { tables(first: 500) { nodes {
    schema name checksum { verdict reason method runId chunks } consistency { verdict reason method runId chunks } } } }`;
  let answered = false;
  const answer = service.graphql(dear).then((result) => {
    answered = true;
    return result;
  });
  let turns = 0;
  while (!answered) {
    turns++;
    await setImmediate();
  }
  expect((await answer).errors).toBeUndefined();
  // Everything happens in this process: in one go there would be a turn for the request, and one for the answer.
  expect(turns).toBeGreaterThan(8);
});

test.each(['table&pair=pair0', 'server'])(
  'while somebody is sent all that there is of %s, others have their turns',
  async (types) => {
    const all = 600;
    let read = 0;
    // Every one of them takes a millisecond to write.
    const slow = {
      get evidence() {
        return this.reason;
      },
      get reason() {
        read++;
        const until = performance.now() + 1;
        while (performance.now() < until);
        return '';
      },
    };
    const slowly = (value: object): object => Object.defineProperties(value, slowness);
    const slowness = Object.getOwnPropertyDescriptors(slow);
    service.engine.serverStates = Array.from({ length: all }, (_, i) =>
      slowly(serverState(`${i}`)),
    ) as ServerState[];
    const [known] = service.engine.tables('pair0');
    service.engine.tables = () =>
      Array.from({ length: all }, (_, i) => {
        const checksum = slowly(tableResult(`t${i}`, { pair: 'pair0' })) as TableState['checksum'];
        return { ...known!, table: `t${i}`, checksum, consistency: null };
      });
    using socket = new PlainSocket(`${service.socketAddress}/ws?types=${types}`);
    await socket.opened;
    let most = 0;
    let before = 0;
    while (socket.messages.length < all) {
      await setImmediate();
      most = Math.max(most, read - before);
      before = read;
    }
    expect(read).toBeGreaterThanOrEqual(all);
    expect(most).toBeLessThan(all / 4);
  },
);

test('a query that costs more than was reckoned is ended, and said so', async () => {
  service.engine.verdictSince = () => {
    const before = process.threadCpuUsage().user;
    while (process.threadCpuUsage().user < before + 20_000);
    return null;
  };
  const query = '{ pair(name: "pair0") { tables(first: 100) { nodes { checksum { since { at } } } } } }';
  const { errors } = await service.graphql(query);
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_MUCH', limit: 'time' } }]);
});

test('of a query that is given up among lists nothing fails that nobody waits for', async () => {
  const unheard = vi.fn();
  process.on('unhandledRejection', unheard);
  onTestFinished(() => void process.off('unhandledRejection', unheard));
  const at = new Date();
  const bucket = { from: at, to: at, minMs: 0, maxMs: 0, avgMs: 0, samples: 1 };
  service.engine.lagHistory = () => {
    const before = process.threadCpuUsage().user;
    while (process.threadCpuUsage().user < before + 20_000);
    return Array<typeof bucket>(10).fill(bucket);
  };
  const query = `{ pairs { name lagHistory(from: "${at.toISOString()}", maxPoints: 10) { maxMs } } }`;
  const { errors } = await service.graphql(query);
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_MUCH', limit: 'time' } }]);
  await setImmediate();
  expect(unheard).not.toHaveBeenCalled();
});

test('what the history works for a query counts as well, in whichever thread it is', async () => {
  const dayMs = 86_400_000;
  const kept = { file: tempFile(), rawLagMs: dayMs, minuteLagMs: dayMs, historyMs: dayMs };
  const history = await openStorageInThread(kept, { log: silent });
  onTestFinished(() => history.close());
  const to = Date.now();
  const minutes = 8 * 60_000;
  for (let at = to - minutes; at < to; at += 20) {
    history.recordLag(lagSample('pair0', { at: new Date(at), lagMs: at % 1_000 }));
  }
  history.flush();
  service.engine.lagHistory = (_pair, range) => history.lagHistory('pair0', range);
  const from = new Date(to - minutes).toISOString();
  const { errors } = await service.graphql(
    `{ ${again(10, `pairs { lagHistory(from: "${from}", maxPoints: 10) { maxMs } }`)} }`,
  );
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_MUCH', limit: 'time' } }]);
});
