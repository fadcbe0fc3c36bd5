// What explains a condition: while that is an alert, the condition is none of its own.
import { expect, test } from 'vitest';
import { judge } from '../../../src/alerts/judge.ts';
import type { AlertRule } from '../../../src/model/index.ts';
import { pair, result, server, snapshot } from '../state.ts';

/** By rule, of a pair whose configuration nobody has seen before. */
function follows(): Map<AlertRule, string[]> {
  const { config } = pair();
  const pairs = [pair({ config: { ...config, source: 's', target: 't' }, results: [result()] })];
  const said = judge(snapshot({ servers: [server('s'), server('t')], pairs }));
  return new Map(
    said
      .filter(({ subject }) => subject.server !== 't')
      .map(({ rule, follows = [] }): [AlertRule, string[]] => [rule, follows]),
  );
}

const lost = ['connection-lost server=s', 'connection-lost server=t'];
const faults = [
  ...lost,
  'replication-missing pair=orders',
  'replication-broken pair=orders',
  'replication-stopped pair=orders',
];
const missing = ['table-missing pair=orders table=shop.items'];

test.each<[AlertRule, string[]]>([
  ['connection-lost', []],
  ['connection-unstable', ['connection-lost server=s']],
  ['privilege-missing', ['connection-lost server=s']],
  ['clock-wrong', ['connection-lost server=s']],
  ['read-only-changed', ['connection-lost server=s']],
  ['lag', faults],
  ['lag-unknown', lost],
  ['replication-missing', lost],
  ['replication-broken', lost],
  ['replication-stopped', [...lost, 'replication-broken pair=orders']],
  ['replication-repointed', lost],
  ['server-replaced', lost],
  ['errant-transactions', []],
  ['check-failing', lost],
  ['table-missing', []],
  ['schema-differs', missing],
  ['mask-unfit', []],
  ['table-different', missing],
  ['table-unverified', faults],
  ['storage-degraded', []],
])('%s follows from what explains it', (rule, wanted) => {
  expect(follows().get(rule)).toEqual(wanted);
});

test('a cluster’s member that is lost follows from its lost connection', () => {
  const group = {
    kind: 'galera',
    name: 'shop',
    state: 'whole',
    evidence: 'all are there',
    members: [{ server: 'n1', state: 'no-quorum', evidence: 'cut off', flowControl: null }],
  } as unknown as NonNullable<Parameters<typeof judge>[0]['groups']>[number];
  const said = judge(snapshot({ groups: [group] })).find(({ rule }) => rule === 'group-member-lost');
  expect(said).toMatchObject({ status: 'true', follows: ['connection-lost server=n1'] });
});
