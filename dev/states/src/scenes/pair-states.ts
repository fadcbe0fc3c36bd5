import {
  type ConnectionState,
  noTables,
  type PairEvent,
  type PairState,
  type PairStateName,
} from '@lockstep/checks';
import { lagSample } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, pair, replication, server, shopTables } from '../seed.ts';

/** In the engine's own sentences, so that they are as long as they are in life. */
export const states: Record<PairStateName, (name: string) => Partial<PairState>> = {
  'in-sync': () => ({}),
  lagging: (name) => ({
    evidence: 'lag 42 s: changes have arrived and wait for the applier (Updating rows)',
    lag: lagSample(name, {
      lagMs: 42_300,
      uncertaintyMs: 260,
      transactionsBehind: 1834,
      serverLagMs: 0,
      evidence: 'change 0-1-918273 of primary, 42 s old, is not applied yet',
    }),
    replication: replication(name, [{ applierActivity: 'Updating rows', serverLagMs: 0 }], {
      attribution: 'applier',
    }),
  }),
  delayed: (name) => ({
    evidence: 'delayed on purpose by 1 h: has all changes up to 1 h ago',
    lag: lagSample(name, {
      lagMs: 3_600_000,
      uncertaintyMs: 900,
      transactionsBehind: 92_411,
      serverLagMs: 3_600_000,
      evidence: 'has all changes up to 1 h ago',
    }),
    replication: replication(name, [{ intendedDelayMs: 3_600_000, serverLagMs: 3_600_000 }], {
      attribution: 'intended',
    }),
  }),
  stopped: (name) => ({
    evidence: 'lag 8 min: receiver and applier are stopped since 11:52:07 UTC',
    lag: lagSample(name, {
      lagMs: 480_000,
      uncertaintyMs: 300,
      transactionsBehind: 20_114,
      serverLagMs: null,
      evidence: 'change 0-1-898159 of primary, 8 min old, is not applied yet',
    }),
    replication: replication(
      name,
      [{ receiver: 'stopped', applier: 'stopped', applierActivity: null, serverLagMs: null }],
      { attribution: 'receiver' },
    ),
  }),
  connecting: (name) => ({
    evidence:
      "lag 31 s: the receiver cannot reach primary.db.example.com:3306 (error 2003: error connecting to master 'repl@primary.db.example.com:3306' - retry-time: 60 maximum-retries: 86400 message: Can't connect to server on 'primary.db.example.com' (110 \"Connection timed out\"))",
    lag: lagSample(name, {
      lagMs: 31_000,
      uncertaintyMs: 400,
      serverLagMs: null,
      transactionsBehind: 977,
      evidence: 'change 0-1-917296 of primary, 31 s old, has not arrived',
    }),
    replication: replication(
      name,
      [
        {
          receiver: 'connecting',
          serverLagMs: null,
          receiverError: {
            code: 2003,
            message:
              "error connecting to master 'repl@primary.db.example.com:3306' - retry-time: 60 maximum-retries: 86400 message: Can't connect to server on 'primary.db.example.com' (110 \"Connection timed out\")",
            at: ago(1),
          },
        },
      ],
      { attribution: 'link' },
    ),
  }),
  broken: (name) => ({
    evidence:
      "lag 3 h: the applier stopped on error 1062: Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '500' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log binlog.000042, end_log_pos 73180221",
    lag: lagSample(name, {
      lagMs: 10_800_000,
      uncertaintyMs: 300,
      transactionsBehind: 411_902,
      serverLagMs: null,
      evidence: 'change 0-1-506371 of primary, 3 h old, is not applied yet',
    }),
    replication: replication(
      name,
      [
        {
          applier: 'stopped',
          applierActivity: null,
          serverLagMs: null,
          applierError: {
            code: 1062,
            message:
              "Could not execute Write_rows_v1 event on table shop.orders; Duplicate entry '500' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log binlog.000042, end_log_pos 73180221",
            at: ago(180),
          },
        },
      ],
      { attribution: 'applier', errant: '0-2-7', errantCount: 1 },
    ),
  }),
  'not-configured': (name) => ({
    evidence: 'the target has no replication channel',
    lag: lagSample(name, unknownLag('the target has no replication channel')),
    replication: replication(name, [], {
      attribution: 'unknown',
      errant: null,
      errantCount: null,
      direct: null,
    }),
  }),
  vanished: (name) => ({
    evidence: 'replication was configured and is not any more: the target has no replication channel',
    lag: lagSample(name, unknownLag('the target has no replication channel')),
    replication: replication(name, [], {
      attribution: 'unknown',
      errant: null,
      errantCount: null,
      direct: null,
    }),
  }),
  'not-in-group': (name) => ({
    evidence: `${name}: it has left its group (MEMBER_STATE ERROR)`,
    lag: lagSample(name, unknownLag(`${name}: it has left its group (MEMBER_STATE ERROR)`)),
    replication: ofMember(name),
  }),
  'no-quorum': (name) => ({
    evidence: `${name}: it is not in the primary component of its cluster (wsrep_cluster_status non-Primary, Initialized)`,
    lag: lagSample(name, unknownLag(`${name}: it is not in the primary component of its cluster`)),
    replication: ofMember(name),
  }),
  joining: (name) => ({
    evidence: `${name}: it is joining its cluster (Joining: receiving State Transfer)`,
    lag: lagSample(name, unknownLag(`${name}: it is joining its cluster`)),
    replication: ofMember(name),
  }),
  'source-behind': (name) => ({
    evidence: 'primary itself lacks changes that its cluster had 8 s ago; 31 transactions behind',
    lag: lagSample(name, { lagMs: 0, uncertaintyMs: 90, transactionsBehind: 0, evidence: 'has all changes' }),
    replication: ofMember(name),
  }),
  unknown: (name) => ({
    evidence: `${name}: not reachable since 11:47:02 UTC: connect ECONNREFUSED 203.0.113.7:3306`,
    lag: lagSample(name, unknownLag('the target does not answer')),
    replication: replication(name, null, {
      attribution: 'unknown',
      errant: null,
      errantCount: null,
      direct: null,
    }),
  }),
};

const connections: Record<ConnectionState, (name: string) => ReturnType<typeof server>> = {
  connected: (name) => server(name),
  connecting: (name) =>
    server(name, {
      connection: 'connecting',
      evidence: 'connecting for the first time',
      attempts: 2,
      lastContact: null,
      flavour: null,
      version: null,
      identity: null,
      readOnly: null,
      clockAheadMs: null,
    }),
  disconnected: (name) =>
    server(name, {
      connection: 'disconnected',
      evidence: 'not reachable since 11:47:02 UTC: connect ECONNREFUSED 203.0.113.7:3306',
      attempts: 14,
      lastContact: ago(13),
      readOnly: null,
    }),
};

const happened: Record<PairEvent['kind'], Omit<PairEvent, 'id' | 'pair' | 'kind'>> = {
  state: { at: ago(180), state: 'broken', message: 'the applier stopped on error 1062' },
  connection: { at: ago(200), state: null, message: 'broken: connected to MariaDB 10.11.19' },
  run: { at: ago(190), state: null, message: 'checksum run finished: 12 MATCH' },
  restart: {
    at: ago(201),
    state: null,
    message: 'broken was started anew: by its own clock it runs since 2026-03-01T10:02:11.000Z',
  },
  failover: {
    at: ago(240),
    state: null,
    message: 'pointed back: the target reads from primary.db.example.com:3306',
  },
  definition: {
    at: ago(185),
    state: null,
    message: 'shop.orders is defined in another way on primary than at the check before',
  },
  alert: { at: ago(179), state: null, message: 'alert fires: Replication stopped' },
  operator: { at: ago(170), state: null, message: 'anna paused the checks of this pair' },
};

const inLastHour = (
  minutes: number,
  kind: PairEvent['kind'],
  message: string,
  state: PairEvent['state'] = null,
): PairEvent => ({ id: `lagging-${minutes}`, pair: 'lagging', kind, at: ago(minutes), state, message });

/** The last two are too near each other for a mark each. */
const busyHour: PairEvent[] = [
  inLastHour(58, 'state', 'has all changes of its source', 'in-sync'),
  inLastHour(48, 'run', 'checksum run begun'),
  inLastHour(39, 'run', 'checksum run finished: 12 MATCH'),
  inLastHour(29, 'definition', 'shop.orders is defined in another way on primary than at the check before'),
  inLastHour(14, 'state', 'lag 10 s: changes have arrived and wait for the applier', 'lagging'),
  inLastHour(13, 'alert', 'alert fires: Replica is lagging'),
  inLastHour(12.5, 'operator', 'anna paused the checks of this pair'),
];

export const pairStates: Scene = {
  shows:
    'One pair in every state, a paused one, one with two channels, and a server in every state of its connection.',
  screens: {
    overview: { path: '/' },
    ...Object.fromEntries(Object.keys(states).map((state) => [state, { path: `/pairs/${state}` }])),
    starting: { path: '/pairs/starting' },
    events: { path: '/pairs/broken?tab=events' },
    // By its instants: what is said to be the last hour goes on while the program stays open.
    happened: { path: `/pairs/lagging?from=${ago(60).toISOString()}&to=${ago(0).toISOString()}` },
    replication: { path: '/pairs/two-channels?tab=replication' },
    settings: { path: '/settings' },
  },
  fill(engine) {
    const names = Object.keys(states) as PairStateName[];
    engine.pairStates = names.map((state) => pair(state, { state, ...states[state](state) }));
    engine.pairStates.push(
      pair('starting', {
        state: 'unknown',
        evidence: 'the replication status was not read yet',
        since: ago(0),
        lag: null,
        replication: null,
        tables: noTables,
        oldestVerification: null,
      }),
      pair('paused', { paused: true }),
      pair('two-channels', {
        replication: replication('two-channels', [
          {},
          {
            name: 'reports',
            sourceHost: 'elsewhere.db.example.com',
            applier: 'stopped',
            filters: [{ name: 'Replicate_Do_DB', value: 'crm' }],
          },
        ]),
      }),
    );
    engine.serverStates = ['primary', ...engine.pairStates.map(({ target }) => target)].map((name) => {
      if (name === 'unknown') return connections.disconnected(name);
      return name === 'starting' ? connections.connecting(name) : connections.connected(name);
    });
    engine.tableStates = engine.pairStates
      .filter(({ tables }) => tables.total > 0)
      .flatMap(({ name }) => shopTables(name));
    engine.eventList = (Object.keys(happened) as PairEvent['kind'][]).map((kind) => ({
      id: `broken-${kind}`,
      pair: 'broken',
      kind,
      ...happened[kind],
    }));
    engine.eventList.push(...busyHour);
    engine.eventList.sort((a, b) => a.at.getTime() - b.at.getTime());
  },
};

function unknownLag(evidence: string): Partial<PairState['lag'] & object> {
  return {
    lagMs: null,
    uncertaintyMs: null,
    method: 'none',
    transactionsBehind: null,
    serverLagMs: null,
    evidence,
  };
}

/** Members of a cluster have no channel between them. */
function ofMember(name: string) {
  return replication(name, [], { attribution: 'unknown', errant: null, errantCount: null, direct: null });
}
