import type { AlertTally, Delivery, ReplicationStatus } from '@lockstep/checks';
import {
  alert,
  channelStatus,
  groupMember,
  groupState,
  lagSample,
  pairState,
  replicationStatus,
  run,
  serverState,
} from '@lockstep/fixture';
import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { mostSeries } from '../../src/http/rest/exposition.ts';
import { type Service, startService } from '../fixture/service.ts';

const twoChannels: ReplicationStatus = replicationStatus('orders', {
  channels: [
    channelStatus('audit', { receiver: 'connecting', applier: 'unknown', serverLagMs: null }),
    channelStatus('', { intendedDelayMs: 60_000, relayLogBytes: 4096 }),
  ],
  channel: channelStatus(''),
  errantCount: 2,
});
const tally: AlertTally = {
  pair: 'orders',
  server: null,
  rule: 'table-different',
  severity: 'CRITICAL',
  state: 'firing',
  count: 60,
};
const delivery = (destination: string, createdAt: Date): Delivery => ({
  key: '1/firing/CRITICAL',
  destination,
  alert: alert('1'),
  state: 'waiting',
  createdAt,
  endedAt: null,
  attempts: 0,
  error: null,
});
const minute = (n: number) => new Date(Date.UTC(2026, 2, 1, 12, n));

let service: Service;
let text = '';
beforeAll(async () => {
  service = await startService();
  service.engine.pairStates = [
    pairState('orders', {
      labels: { env: 'prod', pair: 'my "own"' },
      lag: lagSample('orders', { lagMs: 1500, uncertaintyMs: 250, transactionsBehind: 7 }),
      replication: twoChannels,
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
  service.engine.counted = {
    openAlerts: [
      { ...tally, state: 'pending', count: 1 },
      tally,
      { ...tally, pair: null, server: 'replica', rule: 'connection-lost', severity: 'WARNING', count: 1 },
      { ...tally, pair: null, rule: 'storage-degraded', count: 1 },
    ],
    differingRows: [{ pair: 'orders', missing: 1, surplus: 0, changed: 12 }],
    lastRuns: [
      run('r1', { state: 'finished', startedAt: minute(0), finishedAt: minute(2) }),
      run('r2', { check: 'consistency', state: 'failed', startedAt: minute(3), finishedAt: minute(4) }),
    ],
  };
  service.engine.runList = [
    run('r3', { startedAt: minute(5) }),
    run('r4', { startedAt: minute(6), state: 'queued' }),
  ];
  service.notifications.outcomes = [
    { destination: 'chat', delivered: 3, givenUp: 1, failedAttempts: 7 },
    { destination: 'mail', delivered: 0, givenUp: 0, failedAttempts: 0 },
  ];
  service.notifications.waits = [
    { destination: 'chat', count: 2, oldest: delivery('chat', minute(1)) },
    { destination: 'mail', count: 0, oldest: null },
  ];
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

test('two clusters of one name, as all have that nobody named, are two series', async () => {
  await using twins = await startService();
  const unnamed = (server: string) =>
    groupState('my_wsrep_cluster', { id: server, members: [groupMember(server)] });
  twins.engine.groupStates = [unnamed('a1'), unnamed('b1'), groupState('shop')];
  const lines = (await (await twins.fetch('/metrics')).text()).split('\n');
  expect(lines.filter((line) => line.startsWith('lockstep_group_members{'))).toEqual([
    'lockstep_group_members{group="my_wsrep_cluster (a1)",kind="galera"} 2',
    'lockstep_group_members{group="my_wsrep_cluster (b1)",kind="galera"} 2',
    'lockstep_group_members{group="shop",kind="galera"} 2',
  ]);
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

test('open alerts are counted by what they are about and by their rule, the worst first', () => {
  expect(linesOf('lockstep_open_alerts')).toEqual([
    'lockstep_open_alerts{pair="orders",rule="table-different",state="firing",severity="critical"} 60',
    'lockstep_open_alerts{rule="storage-degraded",state="firing",severity="critical"} 1',
    'lockstep_open_alerts{server="replica",rule="connection-lost",state="firing",severity="warning"} 1',
    'lockstep_open_alerts{pair="orders",rule="table-different",state="pending",severity="critical"} 1',
  ]);
});

test("threads and channels are told, the pair's own first, and what is not known is absent", () => {
  expect(linesOf('lockstep_replication_thread_running')).toEqual([
    'lockstep_replication_thread_running{pair="orders",channel="",thread="receiver"} 1',
    'lockstep_replication_thread_running{pair="orders",channel="",thread="applier"} 1',
    'lockstep_replication_thread_running{pair="orders",channel="audit",thread="receiver"} 0',
  ]);
  expect(linesOf('lockstep_replication_channel_info')).toEqual([
    'lockstep_replication_channel_info{pair="orders",channel="",source="127.0.0.1:3306",own="true"} 1',
    'lockstep_replication_channel_info{pair="orders",channel="audit",source="127.0.0.1:3306",own="false"} 1',
  ]);
  expect(linesOf('lockstep_replication_delay_seconds')).toContain(
    'lockstep_replication_delay_seconds{pair="orders",channel=""} 60',
  );
  expect(linesOf('lockstep_replication_server_lag_seconds')).toEqual([
    'lockstep_replication_server_lag_seconds{pair="orders",channel=""} 0',
  ]);
  expect(linesOf('lockstep_replication_relay_log_bytes')).toEqual([
    'lockstep_replication_relay_log_bytes{pair="orders",channel=""} 4096',
  ]);
  expect(linesOf('lockstep_replication_errant_transactions')).toEqual([
    'lockstep_replication_errant_transactions{pair="orders"} 2',
  ]);
});

test('rows that differ are counted by kind, and runs have an age and a duration', () => {
  expect(linesOf('lockstep_differing_rows')).toEqual([
    'lockstep_differing_rows{pair="orders",kind="missing"} 1',
    'lockstep_differing_rows{pair="orders",kind="surplus"} 0',
    'lockstep_differing_rows{pair="orders",kind="changed"} 12',
  ]);
  const ended = (minutes: number) => minute(minutes).getTime() / 1000;
  expect(linesOf('lockstep_last_run_timestamp_seconds')).toEqual([
    `lockstep_last_run_timestamp_seconds{pair="orders",check="checksum"} ${ended(2)}`,
    `lockstep_last_run_timestamp_seconds{pair="orders",check="consistency"} ${ended(4)}`,
  ]);
  expect(linesOf('lockstep_last_run_duration_seconds')).toEqual([
    'lockstep_last_run_duration_seconds{pair="orders",check="checksum"} 120',
    'lockstep_last_run_duration_seconds{pair="orders",check="consistency"} 60',
  ]);
  expect(linesOf('lockstep_last_run_success').map((line) => line.at(-1))).toEqual(['1', '0']);
  expect(linesOf('lockstep_active_run_start_timestamp_seconds')).toEqual([
    `lockstep_active_run_start_timestamp_seconds{pair="orders",check="checksum"} ${ended(5)}`,
  ]);
});

test('what became of messages is told of every destination', () => {
  expect(linesOf('lockstep_notifications_total')).toEqual([
    'lockstep_notifications_total{destination="chat",outcome="delivered"} 3',
    'lockstep_notifications_total{destination="chat",outcome="given_up"} 1',
    'lockstep_notifications_total{destination="mail",outcome="delivered"} 0',
    'lockstep_notifications_total{destination="mail",outcome="given_up"} 0',
  ]);
  expect(linesOf('lockstep_notification_failed_attempts_total')).toEqual([
    'lockstep_notification_failed_attempts_total{destination="chat"} 7',
    'lockstep_notification_failed_attempts_total{destination="mail"} 0',
  ]);
  expect(linesOf('lockstep_notifications_waiting').map((line) => line.at(-1))).toEqual(['2', '0']);
  expect(linesOf('lockstep_notification_oldest_waiting_timestamp_seconds')).toEqual([
    `lockstep_notification_oldest_waiting_timestamp_seconds{destination="chat"} ${minute(1).getTime() / 1000}`,
  ]);
});

test('how late the event loop is has its quantiles, once it was looked at', async () => {
  await vi.waitFor(async () => {
    const now = (await (await service.fetch('/metrics')).text()).split('\n');
    const of = (start: string) => now.filter((line) => line.startsWith(start));
    expect(of('lockstep_event_loop_delay_seconds{quantile=')).toHaveLength(3);
    expect(of('lockstep_event_loop_delay_seconds_count ')).toHaveLength(1);
  }, patient);
});

test('of what servers make as many as they like so much is told, and how much is left out', async () => {
  await using many = await startService();
  const channels = Array.from({ length: mostSeries }, (_, i) => channelStatus(`c${i}`));
  many.engine.pairStates = [
    pairState('fan-in', { replication: replicationStatus('fan-in', { channels, channel: null }) }),
    pairState('orders', { replication: twoChannels }),
  ];
  const lines = (await (await many.fetch('/metrics')).text()).split('\n');
  const info = lines.filter((line) => line.startsWith('lockstep_replication_channel_info{'));
  expect(info).toHaveLength(mostSeries);
  expect(info[0]).toContain('{pair="orders",channel="",');
  expect(lines).toContain('lockstep_series_left_out{metric="lockstep_replication_channel_info"} 2');
  expect(lines).toContain('lockstep_series_left_out{metric="lockstep_open_alerts"} 0');
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
    } else if (!/^# TYPE \S+ (gauge|counter|summary)$/.test(line)) {
      expect(line).toMatch(sample);
      expect(families).toContain(/^[a-z_]+/.exec(line)?.[0].replace(/(_delay_seconds)_(sum|count)$/, '$1'));
    }
  }
});
