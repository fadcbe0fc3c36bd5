import { formatTableName, noTables } from '@lockstep/checks';
import { run } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, firing, pair, replication, result, server, table } from '../seed.ts';

/** As long as MySQL lets a name be, in one piece and in many. */
const unbroken = 'a_table_whose_name_is_as_long_as_a_name_of_a_table_is_allowed_be';
const spaced = 'Kundenauftragspositionsänderungen (Archiv) – «alte» Währung `€`';
const wide = '顧客注文明細履歴保管庫'.repeat(5);
const rightToLeft = 'טבלת ההזמנות של הלקוחות';

const longPair = 'production-eu-central-1-orders-cluster-primary-to-analytics-warehouse-replica-number-three';
const longServer = 'analytics-warehouse-replica-number-three.orders-cluster.eu-central-1.production';
const sentence =
  'one sentence of evidence that goes on and on, as sentences of servers do, with a path in it: ';
const evidence = `${sentence}/var/lib/mysql/${'relay-log-with-a-name-without-end-'.repeat(4)}.000042`;

export const longNames: Scene = {
  shows:
    'Names as long as they may be, in one piece, with spaces, in wide letters and from right to left; sentences without end; numbers that fill a column.',
  screens: {
    overview: { path: '/' },
    pair: { path: `/pairs/${longPair}` },
    runs: { path: `/pairs/${longPair}?tab=runs` },
    replication: { path: `/pairs/${longPair}?tab=replication` },
    table: { path: `/pairs/${longPair}/tables/${unbroken}/${unbroken}` },
    alerts: { path: '/alerts' },
    settings: { path: '/settings' },
  },
  fill(engine) {
    const names = [longPair, spaced, wide, rightToLeft];
    engine.serverStates = [longServer, ...names].map((name) =>
      server(name, { host: `${'a-host-'.repeat(20)}.example.com`, evidence }),
    );
    engine.pairStates = names.map((name, i) =>
      pair(name, {
        source: longServer,
        state: i === 0 ? 'broken' : 'in-sync',
        evidence,
        replication: replication(name, [
          {
            name: unbroken,
            sourceHost: `${'a-host-'.repeat(20)}.example.com`,
            receivedGtid: Array.from(
              { length: 12 },
              (_, n) => `3e11fa47-71ca-11e1-9e33-c80aa94295${n + 10}:1-${9 ** 12}`,
            ).join(',\n'),
            filters: [{ name: 'Replicate_Wild_Do_Table', value: `${unbroken}.%,${spaced}.%` }],
            ...(i === 0 && {
              applier: 'stopped',
              applierError: { code: 1062, message: evidence, at: ago(10) },
            }),
          },
        ]),
        tables: { ...noTables, total: 123_456, match: 98_765, different: 12_345, unverified: 12_346 },
      }),
    );
    for (const name of [unbroken, spaced, wide, rightToLeft]) {
      const more = {
        verdict: 'DIFFERENT',
        reason: evidence,
        rowsCompared: 9 ** 16,
        sourceRows: 9 ** 16,
      } as const;
      engine.tableStates.push(
        table(longPair, unbroken, name, {
          rowsEstimated: 9 ** 16,
          checksum: result(longPair, unbroken, name, {
            ...more,
            targetRows: 9 ** 16 - 1,
            differences: { missing: 2_147_483_647, surplus: 0, changed: 1 },
          }),
        }),
      );
      engine.rowsOf.set(`${unbroken}.${name}`, [
        {
          kind: 'changed',
          key: { [unbroken]: 'v'.repeat(120), [wide]: wide },
          columns: [spaced, unbroken],
          cells: [spaced, unbroken].map((column) => ({
            column,
            source: { text: evidence, encoding: 'text', bytes: 300, truncated: false },
            target: { text: wide, encoding: 'text', bytes: 165, truncated: true },
          })),
          count: 1,
          rounds: [],
        },
      ]);
    }
    const summary = 'A summary that is longer than summaries are, to see where it ends';
    engine.alertList = names.map((name) =>
      firing(`of-${name}`, {
        pair: name,
        table: formatTableName({ schema: unbroken, table: name }),
        tableName: { schema: unbroken, table: name },
        summary,
        evidence,
      }),
    );
    engine.runList = [
      run('long', {
        pair: longPair,
        evidence,
        only: [`${unbroken}.${unbroken}`, `${spaced}.${wide}`],
        startedAt: ago(20),
      }),
    ];
  },
};
