import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  alert,
  channelStatus,
  groupMember,
  groupState,
  lagSample,
  pairState,
  replicationStatus,
  run as fixtureRun,
  serverState,
} from '@lockstep/fixture';
import { findPromtool, run } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { startService } from '../fixture/service.ts';

const deploy = (path: string) => fileURLToPath(new URL(`../../../../deploy/${path}`, import.meta.url));

interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}
interface Dashboard {
  panels: { targets: { expr: string }[] }[];
}
const rules = parse(readFileSync(deploy('prometheus/lockstep.rules.yaml'), 'utf8')) as Rules;
const dashboard = JSON.parse(readFileSync(deploy('grafana/lockstep.json'), 'utf8')) as Dashboard;
const inRules = rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr));
const inDashboard = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** What a service tells that knows all that can be told. */
async function everything(): Promise<string> {
  const service = await startService();
  service.engine.pairStates = [
    pairState('orders', {
      lag: lagSample('orders', { lagMs: 1500, uncertaintyMs: 250, transactionsBehind: 7 }),
      oldestVerification: new Date('2026-03-01T12:00:00Z'),
      replication: replicationStatus('orders', {
        channels: [channelStatus(''), channelStatus('audit')],
      }),
    }),
    pairState('a "b"\\c\nd', { state: 'broken' }),
  ];
  service.engine.serverStates = [serverState('primary')];
  service.engine.groupStates = [
    groupState('shop', {
      size: 2,
      members: [groupMember('primary', { lagMs: 0, queue: 3, flowControl: 0.25 })],
    }),
  ];
  const finishedAt = new Date('2026-03-01T12:05:00Z');
  service.engine.counted = {
    openAlerts: [
      {
        pair: 'orders',
        server: null,
        rule: 'table-different',
        severity: 'CRITICAL',
        state: 'firing',
        count: 60,
      },
    ],
    differingRows: [{ pair: 'orders', missing: 0, surplus: 0, changed: 12 }],
    lastRuns: [fixtureRun('r1', { state: 'finished', finishedAt })],
  };
  service.engine.runList = [fixtureRun('r2')];
  service.notifications.outcomes = [{ destination: 'chat', delivered: 3, givenUp: 1, failedAttempts: 7 }];
  const waits = { state: 'waiting', endedAt: null, attempts: 0, error: null } as const;
  const oldest = {
    key: '1/firing/CRITICAL',
    destination: 'chat',
    alert: alert('1'),
    createdAt: finishedAt,
    ...waits,
  };
  service.notifications.waits = [{ destination: 'chat', count: 2, oldest }];
  const { own } = service.engine;
  service.engine.own = { ...own, storage: { ...own.storage, bytes: 4096 } };
  try {
    return await vi.waitFor(async () => {
      const text = await (await service.fetch('/metrics')).text();
      // Before its first look nothing is known of it.
      expect(text).toContain('lockstep_event_loop_delay_seconds{');
      return text;
    }, patient);
  } finally {
    await service.stop();
  }
}

let metrics = '';
beforeAll(async () => {
  metrics = await everything();
});

test.each([
  ['rules', inRules],
  ['dashboard', inDashboard],
])('the %s ask only for metrics, labels and words that there are', (_, expressions) => {
  const lines = metrics.split('\n');
  for (const expression of expressions) {
    for (const [, name = '', labels = ''] of expression.matchAll(
      /\b((?:lockstep|process)_\w+)(?:\{([^}]*)\})?/g,
    )) {
      const series = lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      expect(series, name).not.toEqual([]);
      for (const [, label = '', values = ''] of labels.matchAll(/(\w+)(?:!=|=~|=)"([^"]*)"/g)) {
        const words = values === '$pair' ? ['orders'] : values.split('|');
        for (const word of words) {
          expect(
            series.some((line) => line.includes(`${label}="${word}"`)),
            `${name}, ${word}`,
          ).toBe(true);
        }
      }
    }
  }
});

test.each([
  ['open alerts by pair and rule', 'open_alerts', ['pair', 'rule']],
  ['threads', 'replication_thread_running', ['pair', 'channel', 'thread']],
  ['channels', 'replication_channel_info', ['pair', 'channel']],
  ['errant transactions', 'replication_errant_transactions', ['pair']],
  ['differing rows', 'differing_rows', ['pair', 'kind']],
  ['the age of runs', 'last_run_timestamp_seconds', ['pair', 'check']],
  ['the duration of runs', 'last_run_duration_seconds', ['pair', 'check']],
  ['deliveries', 'notifications_total', ['destination', 'outcome']],
  ['the delay of the event loop', 'event_loop_delay_seconds', ['quantile']],
])('of %s there is a series, of which rules or dashboard make something', (_, name, labels) => {
  const [series = ''] = metrics.split('\n').filter((line) => line.startsWith(`lockstep_${name}{`));
  for (const label of labels) expect(series).toMatch(new RegExp(`[{,]${label}="`));
  expect([...inRules, ...inDashboard].join('\n')).toContain(`lockstep_${name}`);
});

/** A machine without it runs none of these: the suite says so. */
const promtool = await findPromtool().catch(() => null);

describe.runIf(promtool)('by promtool', () => {
  const [program = '', ...leading] = promtool ?? [];
  const check = (...args: string[]) => run(program, [...leading, ...args]);

  test('metrics are named and explained as Prometheus wants them', async () => {
    expect(await run(program, [...leading, 'check', 'metrics'], { input: metrics })).toBe('');
  });

  test('the rules can be loaded, and fire when they should', async () => {
    const said = await check('check', 'rules', deploy('prometheus/lockstep.rules.yaml'));
    expect(said).toContain(`SUCCESS: ${inRules.length} rules found`);
    await check('test', 'rules', deploy('prometheus/lockstep.rules.test.yaml'));
  });

  test('what the dashboard asks can be answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-promtool-'));
    const file = join(folder, 'dashboard.rules.yaml');
    const asked = inDashboard.map((expr, i) => ({
      record: `lockstep:panel:${i}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: asked }] }));
    expect(await check('check', 'rules', file)).toContain(`SUCCESS: ${asked.length} rules found`);
    await rm(folder, { recursive: true });
  });
});
