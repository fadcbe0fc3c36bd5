import {
  type Alert,
  type AlertRule,
  type AlertState,
  type Delivery,
  noTables,
  type Severity,
} from '@lockstep/checks';
import { silence } from '@lockstep/fixture';
import { entries } from '../entries.ts';
import type { Scene } from '../scene.ts';
import { ago, ahead, firing, pair, server, shopTables } from '../seed.ts';

const onPair = { pair: 'orders', server: null, table: null };
const onServer = { pair: null, server: 'orders', table: null };
const onTable = {
  pair: 'orders',
  server: null,
  table: 'shop.orders',
  tableName: { schema: 'shop', table: 'orders' },
};

/** As the engine words them. */
export const rules: Record<AlertRule, Pick<Alert, 'severity' | 'summary' | 'evidence'> & Partial<Alert>> = {
  lag: {
    ...onPair,
    severity: 'CRITICAL',
    summary: 'Replica is lagging',
    evidence: 'lag 75 s ≥ 60 s: change 0-1-917296 of primary, 75 s old, is not applied yet',
  },
  'lag-unknown': {
    ...onPair,
    severity: 'WARNING',
    summary: 'Lag is unknown',
    evidence: 'the positions of the two servers cannot be compared',
  },
  'replication-stopped': {
    ...onPair,
    severity: 'CRITICAL',
    summary: 'Replication is stopped',
    evidence: 'lag 8 min: receiver and applier are stopped since 11:52:07 UTC',
  },
  'replication-broken': {
    ...onPair,
    severity: 'CRITICAL',
    summary: 'Replication stopped on an error',
    evidence:
      "lag 3 h: the applier stopped on error 1062: Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '500' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log binlog.000042, end_log_pos 73180221",
  },
  'replication-missing': {
    ...onPair,
    severity: 'CRITICAL',
    summary: 'Replication is not configured any more',
    evidence: 'replication was configured and is not any more: the target has no replication channel',
  },
  'replication-repointed': {
    ...onPair,
    severity: 'WARNING',
    summary: 'Replica reads from another server',
    evidence:
      'orders reads from elsewhere.db.example.com:3306 since 11:40:12 UTC, and read from primary before',
  },
  'group-member-lost': {
    ...onServer,
    severity: 'CRITICAL',
    summary: 'orders is not in its cluster',
    evidence: 'orders: it has left its group (MEMBER_STATE ERROR)',
  },
  'group-degraded': {
    ...onServer,
    severity: 'WARNING',
    summary: 'Cluster shop has lost members',
    evidence: 'the cluster shop has 2 members and had 3',
  },
  'group-split': {
    ...onServer,
    severity: 'CRITICAL',
    summary: 'Cluster shop is split',
    evidence: 'of the members of the cluster shop primary and orders have different histories',
  },
  'flow-control': {
    ...onServer,
    severity: 'WARNING',
    summary: 'orders holds its cluster back',
    evidence:
      'orders: flow control held it back for 43 % of the last seconds; orders is the one that the others wait for',
  },
  'connection-lost': {
    ...onServer,
    severity: 'CRITICAL',
    summary: 'No connection to orders',
    evidence:
      'orders (orders.db.example.com:3306): not reachable since 11:47:02 UTC: connect ECONNREFUSED 203.0.113.7:3306',
  },
  'connection-unstable': {
    ...onServer,
    severity: 'WARNING',
    summary: 'Connections to orders keep breaking',
    evidence: '7 connections to orders broke within 10 min, the last at 11:58:40 UTC: read ECONNRESET',
  },
  'privilege-missing': {
    ...onServer,
    severity: 'WARNING',
    summary: 'Lockstep lacks a privilege on orders',
    evidence:
      'no replication status: Access denied; you need (at least one of) the SLAVE MONITOR privilege(s) for this operation; mended by: GRANT SLAVE MONITOR ON *.* TO `lockstep`@`%`',
  },
  'read-only-changed': {
    ...onPair,
    server: 'orders',
    severity: 'WARNING',
    summary: 'Target can be written to',
    evidence: 'orders, the target, is writable since 11:31:00 UTC and was not before',
  },
  'server-replaced': {
    ...onPair,
    severity: 'WARNING',
    summary: 'Another server answers',
    evidence:
      'orders was server 2 and is server 7 since 11:20:10 UTC; what was verified before is to be verified again',
  },
  'clock-wrong': {
    ...onServer,
    severity: 'WARNING',
    summary: 'Clock of orders is wrong',
    evidence: 'the clock of orders is 48 s ahead of this machine; lag does not depend on it',
  },
  'table-different': {
    ...onTable,
    severity: 'CRITICAL',
    summary: 'Table is different',
    evidence: 'shop.orders: 2 rows changed, 1 row missing on the target',
  },
  'schema-differs': {
    ...onTable,
    severity: 'WARNING',
    summary: 'Table definitions differ',
    evidence: 'shop.orders: column email is varchar(255) on the source and varchar(100) on the target',
  },
  'table-missing': {
    ...onTable,
    severity: 'CRITICAL',
    summary: 'Table is missing',
    evidence: 'shop.orders: the table is not on the target',
  },
  'table-unverified': {
    ...onTable,
    severity: 'WARNING',
    summary: 'Table is not verified',
    evidence: 'shop.orders: last verified 3 d ago: the replica was stopped for longer than 10 min',
  },
  'errant-transactions': {
    ...onPair,
    severity: 'WARNING',
    summary: 'Target has transactions of its own',
    evidence: 'orders has 1 transaction that the source does not have: 0-2-7',
  },
  'check-failing': {
    ...onPair,
    severity: 'WARNING',
    summary: 'A check fails',
    evidence: 'checksum run failed: primary: not reachable since 11:47:02 UTC',
  },
  'mask-unfit': {
    ...onTable,
    severity: 'WARNING',
    summary: 'A mask fits no column',
    evidence:
      "shop.customers: maskColumns names emial, and no column is called so; until one is, none of the table's values are shown",
  },
  'storage-degraded': {
    pair: null,
    server: null,
    table: null,
    severity: 'WARNING',
    summary: 'History cannot be written',
    evidence: '/var/lib/lockstep/lockstep.db: disk is full',
  },
  'internal-error': {
    ...onPair,
    severity: 'WARNING',
    summary: 'Unexpected error',
    evidence:
      'unexpected error in measuring lag: x is not a function (3 times since 2026-03-01 11:58:00 UTC); the log has its cause',
  },
};

const severities: Record<Severity, string> = {
  CRITICAL: 'lag 75 s ≥ 60 s',
  WARNING: 'lag 12 s ≥ 10 s',
  INFO: 'nothing is wrong; this is the mildest that an alert can be',
};

const alertStates: Record<AlertState, Partial<Alert>> = {
  pending: { firedAt: null },
  firing: {},
  resolved: { resolvedAt: ago(5), evidence: 'lag 0 ms < 48 s: has all changes of primary up to 90 ms ago' },
};

/** What was wrong, when it began, at its worst and last. */
const seen: Pick<Alert, 'first' | 'worst' | 'last'> = {
  first: {
    at: ago(31),
    severity: 'WARNING',
    size: 50_000,
    evidence: 'lag 50 s ≥ 48 s: change 0-1-917296 of primary, 50 s old, is not applied yet',
  },
  worst: {
    at: ago(12),
    severity: 'CRITICAL',
    size: 191_000,
    evidence: 'lag 3 min 11 s ≥ 60 s: change 0-1-918011 of primary, 3 min 11 s old, is not applied yet',
  },
  last: {
    at: ago(1),
    severity: 'WARNING',
    size: 49_000,
    evidence: 'lag 49 s ≥ 48 s: change 0-1-919880 of primary, 49 s old, is not applied yet',
  },
};

const deliveryStates: Record<Delivery['state'], Partial<Delivery>> = {
  waiting: { attempts: 2, error: 'HTTP 502 Bad Gateway' },
  delivered: { endedAt: ago(29) },
  'held-back': { endedAt: ago(28), error: 'the alert was silenced before it was sent' },
  'given-up': { attempts: 12, endedAt: ago(3), error: 'getaddrinfo ENOTFOUND hooks.example.com' },
};

export const alerts: Scene = {
  shows:
    'One alert of every rule, severity and state; acknowledged, silenced, inhibited and without data; every fate of a message.',
  screens: {
    overview: { path: '/' },
    firing: { path: '/alerts' },
    pending: { path: '/alerts?view=pending' },
    silenced: { path: '/alerts?view=silenced' },
    history: { path: '/alerts?view=history' },
    pair: { path: '/pairs/orders' },
    settings: { path: '/settings' },
  },
  fill(engine, notifications) {
    const add = (id: string, more: Partial<Alert>) =>
      engine.alertList.push(firing(id, { pair: 'orders', ...more }));
    for (const [rule, more] of entries(rules)) add(`rule-${rule}`, { rule, ...more });
    for (const [severity, evidence] of entries(severities)) {
      add(`severity-${severity}`, { severity, evidence });
    }
    for (const [state, more] of entries(alertStates)) {
      add(`state-${state}`, { state, ...(state === 'resolved' && seen), ...more });
    }
    add('acknowledged', { acknowledged: { by: 'anna', at: ago(10), note: 'the disk is being replaced' } });
    add('silenced', { severity: 'CRITICAL', startedAt: ago(400), silencedUntil: ahead(120) });
    add('inhibited', { inhibitedBy: 'rule-connection-lost' });
    add('no-data', { noData: true });
    add('clearing', {
      clearingSince: ago(1),
      evidence:
        'lag 0 ms < 48 s: has all changes of primary up to 90 ms ago (resolves once it stayed so for 2 min)',
      ...seen,
    });
    add('by-matcher', { silencedUntil: ahead(90), silencedBy: ['by-table'] });
    engine.silenceList = [
      silence('by-table', {
        matcher: { pair: 'orders', table: 'shop.tmp_*' },
        note: 'the nightly load rewrites these tables, until it is moved to the new server',
        from: ago(30),
        until: ahead(90),
        activeUntil: ahead(90),
      }),
      silence('maintenance: kernel updates', {
        matcher: { server: 'db*', labels: { env: 'prod', team: 'shop' } },
        by: null,
        note: 'kernel updates',
        until: null,
        recurrence: { cron: '0 2 * * SUN', timeZone: 'Europe/Berlin', durationMs: 90 * 60_000 },
        state: 'scheduled',
        activeUntil: null,
        nextFrom: ahead(2 * 24 * 60),
      }),
      silence('ended', { state: 'ended', activeUntil: null, endedBy: 'ben', until: ahead(60) }),
    ];
    engine.preview = {
      now: 3,
      lastWeek: 14,
      complete: true,
      examples: engine.alertList
        .slice(0, 3)
        .map(({ id, summary, pair, server, table }) => ({ id, summary, pair, server, table })),
    };

    const subject = engine.alertList[0];
    if (subject) {
      notifications.told = entries(deliveryStates).map(([state, more]) => ({
        key: `${subject.id}/firing/CRITICAL`,
        destination: { waiting: 'on-call', delivered: 'team', 'given-up': 'archive', 'held-back': 'night' }[
          state
        ],
        alert: subject,
        state,
        createdAt: ago(30),
        endedAt: null,
        attempts: 1,
        error: null,
        ...more,
      }));
    }
    notifications.outcome = [
      { name: 'team', ok: true, message: 'accepted after 84 ms' },
      { name: 'archive', ok: false, message: 'getaddrinfo ENOTFOUND hooks.example.com' },
    ];

    engine.pairStates = [
      pair('orders', {
        tables: { ...noTables, total: 8, match: 5, different: 1, schemaDiffers: 1, missing: 1 },
      }),
    ];
    engine.tableStates = shopTables('orders');
    engine.serverStates = [
      server('primary'),
      server('orders', {
        missingPrivileges: [
          {
            feature: 'replication status',
            grant: 'GRANT SLAVE MONITOR ON *.* TO `lockstep`@`%`',
            message:
              'Access denied; you need (at least one of) the SLAVE MONITOR privilege(s) for this operation',
          },
        ],
      }),
    ];
    engine.own = {
      ok: false,
      evidence: 'history cannot be written',
      startedAt: ago(300),
      storage: {
        ok: false,
        file: '/var/lib/lockstep/lockstep.db',
        evidence: 'disk is full',
        buffered: 9180,
        dropped: 412,
        bytes: 8_589_934_592,
      },
    };
  },
};
