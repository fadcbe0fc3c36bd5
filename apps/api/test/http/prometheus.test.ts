import { alert, groupMember, groupState, lagSample, pairState, serverState } from '@lockstep/fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../fixture/service.ts';

let service: Service;
let text = '';
beforeAll(async () => {
  service = await startService();
  service.engine.pairStates = [
    pairState('orders', {
      labels: { env: 'prod', pair: 'my "own"' },
      lag: lagSample('orders', { lagMs: 1500, uncertaintyMs: 250, transactionsBehind: 7 }),
    }),
    pairState('a "b"\\c\nd', {
      state: 'broken',
      lag: lagSample('x', { lagMs: null, uncertaintyMs: null, transactionsBehind: null }),
      oldestVerification: new Date('2026-03-01T12:00:00Z'),
    }),
  ];
  service.engine.serverStates = [
    serverState('primary'),
    serverState('replica', { connection: 'connecting' }),
  ];
  service.engine.groupStates = [
    groupState('shop', {
      state: 'degraded',
      size: 2,
      members: [
        groupMember('primary', { lagMs: 1500, queue: 3, flowControl: 0.25 }),
        groupMember('replica', { state: 'not-in-group', lagMs: null, queue: null, flowControl: null }),
      ],
    }),
  ];
  service.engine.alertList = [alert('1'), alert('2'), alert('3', { state: 'pending', severity: 'INFO' })];
  const response = await service.fetch('/metrics');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  text = await response.text();
});
afterAll(() => service.stop());

const linesOf = (name: string) =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
const odd = 'a \\"b\\"\\\\c\\nd';

test('lag is in seconds, and absent while unknown', () => {
  expect(linesOf('lockstep_replication_lag_seconds')).toEqual([
    'lockstep_replication_lag_seconds{pair="orders"} 1.5',
  ]);
  expect(linesOf('lockstep_replication_lag_known')).toEqual([
    'lockstep_replication_lag_known{pair="orders"} 1',
    `lockstep_replication_lag_known{pair="${odd}"} 0`,
  ]);
  expect(linesOf('lockstep_replication_transactions_behind')).toEqual([
    'lockstep_replication_transactions_behind{pair="orders"} 7',
  ]);
});

test("a pair's labels are one series, and none of them takes the name of ours", () => {
  expect(linesOf('lockstep_pair_labels')).toEqual([
    'lockstep_pair_labels{pair="orders",label_env="prod",label_pair="my \\"own\\""} 1',
  ]);
});

test('each state of a pair is a series, and exactly one of them is 1', () => {
  const states = linesOf('lockstep_pair_state');
  expect(states).toHaveLength(2 * 13);
  expect(states.filter((line) => line.endsWith(' 1'))).toEqual([
    'lockstep_pair_state{pair="orders",state="in-sync"} 1',
    `lockstep_pair_state{pair="${odd}",state="broken"} 1`,
  ]);
});

test('of a cluster its size, its state and its members are told, as far as they are known', () => {
  expect(linesOf('lockstep_group_members')).toEqual(['lockstep_group_members{group="shop",kind="galera"} 2']);
  const isSo = (name: string) => linesOf(name).filter((line) => line.endsWith(' 1'));
  expect(isSo('lockstep_group_state')).toEqual(['lockstep_group_state{group="shop",state="degraded"} 1']);
  expect(isSo('lockstep_group_member_state')).toEqual([
    'lockstep_group_member_state{group="shop",server="primary",state="in-group"} 1',
    'lockstep_group_member_state{group="shop",server="replica",state="not-in-group"} 1',
  ]);
  const of = (name: string) =>
    linesOf(name).map((line) => line.replace('{group="shop",server="primary"}', ''));
  expect(of('lockstep_group_member_lag_seconds')).toEqual(['lockstep_group_member_lag_seconds 1.5']);
  expect(of('lockstep_group_member_queue')).toEqual(['lockstep_group_member_queue 3']);
  expect(of('lockstep_flow_control_ratio')).toEqual(['lockstep_flow_control_ratio 0.25']);
});

test('tables, servers, alerts and storage are counted', () => {
  expect(linesOf('lockstep_table_verdicts').filter((line) => line.includes('orders'))).toEqual([
    'lockstep_table_verdicts{pair="orders",verdict="match"} 1',
    'lockstep_table_verdicts{pair="orders",verdict="different"} 1',
    'lockstep_table_verdicts{pair="orders",verdict="schema_differs"} 0',
    'lockstep_table_verdicts{pair="orders",verdict="missing"} 0',
    'lockstep_table_verdicts{pair="orders",verdict="unverified"} 0',
    'lockstep_table_verdicts{pair="orders",verdict="error"} 0',
    'lockstep_table_verdicts{pair="orders",verdict="pending"} 1',
  ]);
  expect(linesOf('lockstep_oldest_verification_timestamp_seconds')).toEqual([
    `lockstep_oldest_verification_timestamp_seconds{pair="${odd}"} 1772366400`,
  ]);
  expect(linesOf('lockstep_server_up')).toEqual([
    'lockstep_server_up{server="primary"} 1',
    'lockstep_server_up{server="replica"} 0',
  ]);
  expect(linesOf('lockstep_alerts').filter((line) => !line.endsWith(' 0'))).toEqual([
    'lockstep_alerts{state="pending",severity="info"} 1',
    'lockstep_alerts{state="firing",severity="critical"} 2',
  ]);
  expect(linesOf('lockstep_build_info')).toEqual(['lockstep_build_info{version="1.2.3"} 1']);
  expect(linesOf('lockstep_storage_up')).toEqual(['lockstep_storage_up 1']);
  expect(linesOf('lockstep_storage_bytes')).toEqual([]);
});

test('every line is what a scraper can read, and every family is explained once', () => {
  const sample =
    /^[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\n"])*"(,[a-z_]+="([^"\\\n]|\\[\\n"])*")*\})? -?\d+(\.\d+)?$/;
  const families = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP (\S+) \S/.exec(line)?.[1];
    if (help) {
      expect(families).not.toContain(help);
      families.add(help);
    } else if (!/^# TYPE \S+ (gauge|counter)$/.test(line)) {
      expect(line).toMatch(sample);
      expect(families).toContain(/^[a-z_]+/.exec(line)?.[0]);
    }
  }
});
