import type { TableState, Verdict } from '@lockstep/checks';
import { alert, groupState, run, silence, tableResult } from '@lockstep/fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

test('a pair tells its state, its servers, its lag and its tables in one query', async () => {
  const { data, errors } = await service.graphql(`{
    pair(name: "orders") {
      name state evidence source { name connection } target { name }
      lag { lagMs uncertaintyMs method transactionsBehind at }
      tableCounts { total match pending }
      table(schema: "shop", name: "items") { name rowsEstimated checksum { verdict method rowsCompared } consistency { verdict } }
    }
  }`);
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    pair: {
      name: 'orders',
      state: 'IN_SYNC',
      evidence: 'lag 0 ms < 10 s',
      source: { name: 'primary', connection: 'CONNECTED' },
      target: { name: 'replica' },
      lag: {
        lagMs: 0,
        uncertaintyMs: 250,
        method: 'GTID',
        transactionsBehind: '0',
        at: '2026-03-01T12:00:00.000Z',
      },
      tableCounts: { total: 3, match: 1, pending: 1 },
      table: {
        name: 'items',
        rowsEstimated: '100',
        checksum: { verdict: 'DIFFERENT', method: 'ROWS', rowsCompared: '100' },
        consistency: null,
      },
    },
  });
});

test('what is not known is null, and a pair that does not exist is null', async () => {
  const { data } = await service.graphql(
    `{ unknown: pair(name: "stock") { state lag { lagMs } } none: pair(name: "nope") { state } }`,
  );
  expect(data).toEqual({ unknown: { state: 'UNKNOWN', lag: null }, none: null });
});

test('counts beyond 2^31 arrive whole', async () => {
  service.engine.runList = [run('big')];
  const { data } = await service.graphql(`{ run(id: "big") { progress { rowsDone } } }`);
  expect(data).toEqual({ run: { progress: { rowsDone: '5000000000' } } });
});

test('the rows of a difference come with their key, their cells and how they were confirmed', async () => {
  const hashes = { sourceBefore: 'a1', target: 'b2', sourceAfter: 'a1' };
  service.engine.rowDifferences = [
    {
      kind: 'changed',
      key: { region: 'eu', id: '7' },
      columns: ['status'],
      cells: [
        {
          column: 'status',
          source: { text: 'paid', encoding: 'text', bytes: 4, truncated: false },
          target: { text: null, encoding: 'text', bytes: null, truncated: false },
        },
      ],
      count: 1,
      rounds: [{ at: new Date('2026-03-01T12:00:01Z'), position: '0-1-42', ...hashes }],
    },
  ];
  const { data } = await service.graphql(`{
    pair(name: "orders") { tables { nodes { checksum { differences { changed } rows(first: 1) {
      totalCount pageInfo { hasNextPage }
      nodes { kind key { column value } columns count rounds { sourceBefore target sourceAfter position }
              cells { column source { text encoding } target { text } } }
    } } } } }
  }`);
  expect(data).toEqual({
    pair: {
      tables: {
        nodes: [
          {
            checksum: {
              differences: { changed: 1 },
              rows: {
                totalCount: 1,
                pageInfo: { hasNextPage: false },
                nodes: [
                  {
                    kind: 'CHANGED',
                    key: [
                      { column: 'region', value: 'eu' },
                      { column: 'id', value: '7' },
                    ],
                    columns: ['status'],
                    count: 1,
                    rounds: [{ position: '0-1-42', ...hashes }],
                    cells: [
                      {
                        column: 'status',
                        source: { text: 'paid', encoding: 'TEXT' },
                        target: { text: null },
                      },
                    ],
                  },
                ],
              },
            },
          },
        ],
      },
    },
  });
});

test('more differing rows than an Int holds are counted', async () => {
  service.engine.tableStates = service.engine.tableStates.map((table) => ({
    ...table,
    checksum: table.checksum && { ...table.checksum, differences: { missing: 5e9, surplus: 0, changed: 0 } },
  }));
  const { data, errors } = await service.graphql(
    '{ pair(name: "orders") { tables { nodes { checksum { differences { missing } } } } } }',
  );
  expect({ data, errors }).toMatchObject({
    data: { pair: { tables: { nodes: [{ checksum: { differences: { missing: 5e9 } } }] } } },
    errors: undefined,
  });
});

test('lists that grow come in pages that join without a gap', async () => {
  service.engine.alertList = ['a', 'b', 'c'].map((id) => alert(id));
  const query = `query ($after: String) { alerts(first: 2, after: $after) {
    totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`;
  const first = await service.graphql<AlertPage>(query);
  expect(first.data?.alerts).toMatchObject({
    totalCount: 3,
    nodes: [{ id: 'a' }, { id: 'b' }],
    pageInfo: { hasNextPage: true },
  });
  const second = await service.graphql<AlertPage>(query, { after: first.data?.alerts.pageInfo.endCursor });
  expect(second.data?.alerts).toMatchObject({
    nodes: [{ id: 'c' }],
    pageInfo: { hasNextPage: false },
  });
});

interface AlertPage {
  alerts: { pageInfo: { endCursor: string | null } };
}

test('tables are found by their verdict and by a part of their name, of one pair and of all', async () => {
  const [known] = service.engine.tableStates;
  const table = (pair: string, name: string, verdict: Verdict | null): TableState => {
    const checksum = verdict && tableResult(name, { pair, verdict });
    return { ...known!, pair, table: name, checksum, consistency: null, standing: checksum };
  };
  service.engine.tableStates = [
    table('orders', 'items', 'DIFFERENT'),
    table('orders', 'order_items', 'MATCH'),
    table('orders', 'users', null),
    table('stock', 'items', 'MISSING'),
  ];
  const shown = async (field: string) => {
    const { data, errors } = await service.graphql<{ all: Found; pair: { all: Found } | null }>(
      field.startsWith('all')
        ? `{ ${field} { ...F } } ${found}`
        : `{ pair(name: "orders") { ${field.slice(1)} { ...F } } } ${found}`,
    );
    expect(errors).toBeUndefined();
    const list = data!.pair?.all ?? data!.all;
    return list.nodes.map(({ pair, name }) => `${pair}.${name}`).join(' ');
  };
  interface Found {
    nodes: { pair: string; name: string }[];
  }
  const found = 'fragment F on TableConnection { totalCount nodes { pair name } }';
  expect(await shown('.all: tables(search: "Shop.I")')).toBe('orders.items');
  expect(await shown('.all: tables(search: "items", verdicts: [MATCH])')).toBe('orders.order_items');
  expect(await shown('.all: tables(verdicts: [], pending: true)')).toBe('orders.users');
  expect(await shown('all: tables')).toBe('orders.items stock.items');
  expect(await shown('all: tables(verdicts: [MATCH], pending: true)')).toBe(
    'orders.order_items orders.users',
  );
  expect(await shown('all: tables(verdicts: null, last: 1)')).toBe('stock.items');
});

test("lists are connections by Relay's specification: edges with cursors, from either end", async () => {
  service.engine.alertList = ['a', 'b', 'c', 'd', 'e'].map((id) => alert(id));
  interface Answer {
    alerts: {
      edges: { cursor: string; node: { id: string } }[];
      pageInfo: { startCursor: string; endCursor: string; hasPreviousPage: boolean; hasNextPage: boolean };
    };
  }
  const page = async (args: string) => {
    const { data, errors } = await service.graphql<Answer>(`{ alerts(${args}) { edges { cursor node { id } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }`);
    expect(errors).toBeUndefined();
    const { edges, pageInfo } = data!.alerts;
    expect(pageInfo).toMatchObject({
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    });
    const ids = edges.map(({ node }) => node.id).join('');
    return {
      ...pageInfo,
      told: `${pageInfo.hasPreviousPage ? '…' : ''}${ids}${pageInfo.hasNextPage ? '…' : ''}`,
    };
  };
  const last = await page('last: 2');
  expect(last.told).toBe('…de');
  const before = await page(`last: 2, before: "${last.startCursor}"`);
  expect(before.told).toBe('…bc…');
  expect((await page(`first: 2, after: "${before.startCursor}"`)).told).toBe('…cd…');
  expect((await page('first: 3, last: 1')).told).toBe('…c…');
  expect((await page(`first: 2, before: "${before.endCursor}"`)).told).toBe('ab…');
  expect((await page(`after: "${last.endCursor}"`)).told).toBe('…');
});

test('alerts are filtered by state, severity and pair', async () => {
  service.engine.alertList = [
    alert('1'),
    alert('2', { state: 'resolved' }),
    alert('3', { severity: 'INFO' }),
    alert('4', { pair: 'stock' }),
  ];
  const { data } = await service.graphql(
    `{ alerts(states: [FIRING], severities: [CRITICAL], pair: "orders") { nodes { id } } }`,
  );
  expect(data).toEqual({ alerts: { nodes: [{ id: '1' }] } });
});

test.each(['alerts', 'runs'])(
  '%s of a pair that does not exist are an error, not an empty list',
  async (list) => {
    const { errors } = await service.graphql(`{ ${list}(pair: "nope") { nodes { id } } }`);
    expect(errors).toMatchObject([
      { message: 'There is no pair named "nope".', path: [list], extensions: { code: 'NOT_FOUND' } },
    ]);
  },
);

test('an instant that is none is refused with the way to write it', async () => {
  const { errors } = await service.graphql(
    `{ pair(name: "orders") { lagHistory(from: "yesterday") { maxMs } } }`,
  );
  expect(errors?.[0]?.message).toContain('Not an instant: "yesterday"');
});

test('a range that ends before it begins is refused', async () => {
  const { errors } = await service.graphql(
    `{ pair(name: "orders") { lagHistory(from: "2026-03-02T00:00:00Z", to: "2026-03-01T00:00:00Z") { maxMs } } }`,
  );
  expect(errors).toMatchObject([{ message: '`from` is after `to`.', extensions: { code: 'INVALID' } }]);
});

test('no more points of history are asked of the engine than the API promises', async () => {
  const { data } = await service.graphql(
    `{ pair(name: "orders") { lagHistory(from: "2026-03-01T00:00:00Z", maxPoints: 999999) { maxMs } } }`,
  );
  expect(data).toEqual({ pair: { lagHistory: [{ maxMs: 5000 }] } });
});

test('the configuration, the version and whoever asks can be asked for', async () => {
  const { data } = await service.graphql(
    `{ version viewer { name role authRequired } config { file values { path value origin originName } }
       schedules { pair check schedule window { hours open } } health { ok storage { file } servers { name } } }`,
  );
  expect(data).toEqual({
    version: '1.2.3',
    viewer: { name: 'anonymous', role: 'OPERATOR', authRequired: false },
    config: {
      file: '/etc/lockstep.yaml',
      values: [
        {
          path: 'servers.primary.password',
          value: '••••',
          origin: 'ENV',
          originName: 'PRIMARY_PASSWORD',
        },
      ],
    },
    schedules: [
      {
        pair: 'orders',
        check: 'CHECKSUM',
        schedule: 'every 1 h',
        window: { hours: '02:00–05:00 Europe/Berlin', open: false },
      },
    ],
    health: {
      ok: true,
      storage: { file: ':memory:' },
      servers: [{ name: 'primary' }, { name: 'replica' }],
    },
  });
});

test('a table that was only counted has no checksum', async () => {
  service.engine.tableStates = [
    {
      pair: 'orders',
      schema: 'shop',
      table: 'items',
      rowsEstimated: null,
      checksum: null,
      consistency: tableResult('items', { check: 'consistency', method: 'count', verdict: 'MATCH' }),
      standing: null,
      checking: true,
    },
  ];
  const { data } = await service.graphql(
    `{ pair(name: "orders") { tables { nodes { checking checksum { check } consistency { check method verdict } } } } }`,
  );
  expect(data).toEqual({
    pair: {
      tables: {
        nodes: [
          {
            checking: true,
            checksum: null,
            consistency: { check: 'CONSISTENCY', method: 'COUNT', verdict: 'MATCH' },
          },
        ],
      },
    },
  });
});

test('of the results of both checks, the one that stands for the table is told', async () => {
  const checksum = tableResult('items', { verdict: 'MATCH' });
  const consistency = tableResult('items', { check: 'consistency', method: 'count' });
  const [table] = service.engine.tableStates as [TableState];
  service.engine.tableStates = [{ ...table, checksum, consistency, standing: checksum }];
  const { data } = await service.graphql(
    `{ pair(name: "orders") { table(schema: "shop", name: "items") {
      standing { check verdict } checksum { stands } consistency { stands }
    } } }`,
  );
  expect(data).toEqual({
    pair: {
      table: {
        standing: { check: 'CHECKSUM', verdict: 'MATCH' },
        checksum: { stands: true },
        consistency: { stands: false },
      },
    },
  });
});

test('a table is named by its parts, and by one text that a run can be asked for with', async () => {
  const [table] = service.engine.tableStates as [TableState];
  service.engine.tableStates = [{ ...table, schema: 'a.b', table: 'c`d' }];
  const tableName = { schema: 'a.b', table: 'c`d' };
  service.engine.alertList = [alert('a1', { table: '`a.b`.`c``d`', tableName }), alert('a2')];
  const { data } = await service.graphql(
    `{ pair(name: "orders") { tables { nodes { schema name qualifiedName } } } alerts { nodes { table tableName { schema name } } } }`,
  );
  expect(data).toEqual({
    pair: { tables: { nodes: [{ schema: 'a.b', name: 'c`d', qualifiedName: '`a.b`.`c``d`' }] } },
    alerts: {
      nodes: [
        { table: '`a.b`.`c``d`', tableName: { schema: 'a.b', name: 'c`d' } },
        { table: null, tableName: null },
      ],
    },
  });
});

test('of a table it is told what every run said, and since when it is what it is', async () => {
  const finishedAt = new Date('2026-03-01T12:00:00.000Z');
  const [table] = service.engine.tableStates as [TableState];
  service.engine.tableStates = [{ ...table, schema: 'shop', table: 'items' }];
  const matched = { runId: 'r1', finishedAt, verdict: 'MATCH' as const, reason: 'the same' };
  service.engine.verdictLines = [{ ...matched, runId: 'r2', verdict: 'DIFFERENT' }, matched];
  service.engine.sinceThen = { since: finishedAt, before: matched };
  const { data } = await service.graphql(
    `{ pair(name: "orders") { table(schema: "shop", name: "items") {
      checksum { since { at before { verdict at } } }
      history(check: CHECKSUM, first: 1) { totalCount nodes { runId verdict } pageInfo { hasNextPage } }
    } } }`,
  );
  const at = finishedAt.toISOString();
  expect(data).toEqual({
    pair: {
      table: {
        checksum: { since: { at, before: { verdict: 'MATCH', at } } },
        history: {
          totalCount: 2,
          nodes: [{ runId: 'r2', verdict: 'DIFFERENT' }],
          pageInfo: { hasNextPage: true },
        },
      },
    },
  });
});

test('everything that has an id is found again by it', async () => {
  const { engine } = service;
  engine.groupStates = [groupState('shop')];
  engine.runList = [run('r7')];
  engine.alertList = [alert('a7')];
  engine.silenceList = [silence('s7')];
  const table: TableState = { ...engine.tableStates[0]!, pair: 'orders', schema: 'a:"b', table: 'c.d' };
  engine.tableStates = [table];
  interface Found {
    id: string;
  }
  const ids = await service.graphql<Record<string, Found | Found[] | { nodes: Found[] }>>(`{
    pairs { id } servers { id } groups { id } silences { id }
    alerts { nodes { id } } runs { nodes { id } } tables(verdicts: null) { nodes { id } }
  }`);
  expect(ids.errors).toBeUndefined();
  const all = Object.values(ids.data!).flatMap((found) => ('nodes' in found ? found.nodes : found));
  const types: string[] = [];
  for (const { id } of all) {
    const again = await service.graphql<{ node: Found & { __typename: string } }>(
      `query ($id: ID!) { node(id: $id) { __typename id ... on Table { schema name } ... on Pair { state } } }`,
      { id },
    );
    expect(again.data?.node).toMatchObject({ id });
    types.push(again.data!.node.__typename);
  }
  expect(types).toEqual(['Pair', 'Pair', 'Server', 'Server', 'Group', 'Silence', 'Alert', 'Run', 'Table']);
});

test.each(['', 'nope', 'Pair:nope', 'Pair:["nope"]', 'Pair:{}', 'Table:["orders"]', 'Query:[]'])(
  'the id "%s" names nothing',
  async (id) => {
    const { data, errors } = await service.graphql('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect({ data, errors }).toEqual({ data: { node: null }, errors: undefined });
  },
);
