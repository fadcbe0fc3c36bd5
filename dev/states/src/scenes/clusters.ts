import type { GroupMember, GroupState, PairState } from '@lockstep/checks';
import { lagSample } from '@lockstep/fixture';
import type { Scene } from '../scene.ts';
import { ago, pair, replication, server } from '../seed.ts';

export const clusters: Scene = {
  shows: 'Clusters: a group that is whole, a Galera cluster in trouble, and one that nobody can judge.',
  screens: { overview: { path: '/' }, pair: { path: '/pairs/n1-n3' } },
  fill(engine) {
    const names = ['m1', 'm2', 'm3', 'n1', 'n2', 'n3', 'g1', 'reports'];
    engine.serverStates = names.map((name) => server(name, { readOnly: name === 'm2' || name === 'm3' }));
    engine.groupStates = [whole, inTrouble, unjudged];
    engine.pairStates = [
      between('m1', 'm2'),
      between('m1', 'm3'),
      between('n1', 'n2', {
        state: 'lagging',
        evidence:
          'lag 4.2 s: changes have arrived and wait for the applier; flow control holds its cluster back',
        lag: lagSample('n1-n2', { at: ago(0), lagMs: 4200, uncertaintyMs: 90, transactionsBehind: 1204 }),
      }),
      between('n1', 'n3', {
        state: 'no-quorum',
        evidence: noQuorum,
        lag: lagSample('n1-n3', { at: ago(0), lagMs: null, uncertaintyMs: null, evidence: noQuorum }),
      }),
      pair('reports', {
        source: 'n1',
        state: 'unknown',
        evidence:
          'lag unknown: the target reads from n2.db.example.com:3306, and each node of this Galera cluster numbers its binlog by itself: wsrep_gtid_mode = ON, with one wsrep_gtid_domain_id and one server_id on all nodes and a gtid_domain_id of its own on each, makes their GTIDs one history',
        lag: null,
      }),
    ];
  },
};

const cutOff =
  'it is not in the primary component of its cluster (wsrep_cluster_status non-Primary, Initialized)';
const noQuorum = `n3: ${cutOff}`;

const whole: GroupState = {
  id: 'group-replication payments m1',
  kind: 'group-replication',
  name: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
  state: 'whole',
  evidence: 'cluster aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa has all its 3 members',
  since: ago(290),
  size: 3,
  largest: 3,
  primary: 'm1',
  unwatched: [],
  members: [
    member('m1', { role: 'primary', view: '17962:7', flowControl: 0 }),
    member('m2', { role: 'secondary', view: '17962:7', flowControl: 0 }),
    member('m3', { role: 'secondary', view: '17962:7', flowControl: 0, queue: 3, lagMs: 120, behind: 3 }),
  ],
};

const inTrouble: GroupState = {
  id: 'galera shop n1',
  kind: 'galera',
  name: 'shop',
  state: 'degraded',
  evidence: 'cluster shop has 3 members and had 4',
  since: ago(12),
  size: 3,
  largest: 4,
  primary: null,
  unwatched: ['10.0.0.14:3306'],
  members: [
    member('n1', { view: '10', flowControl: 0.43 }),
    member('n2', {
      view: '10',
      lagMs: 4200,
      behind: 1204,
      queue: 1187,
      flowControl: 0.43,
      holdsBack: true,
      state: 'donor',
      evidence:
        'it is a donor or desynced (Donor/Desynced): flow control does not wait for it; it has the view 10 (3 members), as n1',
      since: ago(2),
    }),
    member('n3', {
      state: 'no-quorum',
      evidence: cutOff,
      since: ago(12),
      view: null,
      viewSize: null,
      lagMs: null,
      behind: null,
      queue: null,
      flowControl: null,
    }),
  ],
};

const unjudged: GroupState = {
  id: 'galera archive g1',
  kind: 'galera',
  name: 'archive',
  state: 'unknown',
  evidence: 'cluster archive: no watched member is known to take part in it',
  since: ago(290),
  size: null,
  largest: 2,
  primary: null,
  unwatched: [],
  members: [
    member('g1', {
      state: 'unknown',
      evidence:
        'it says that it is in its group, with the view 4 (2 members), which no other watched member confirms',
      view: '4',
      viewSize: 2,
      lagMs: null,
      behind: null,
    }),
  ],
};

function member(name: string, more: Partial<GroupMember> = {}): GroupMember {
  return {
    server: name,
    state: 'in-group',
    evidence: 'it has the view 10 (3 members), as another',
    since: ago(290),
    role: null,
    view: '10',
    viewSize: 3,
    lagMs: 0,
    behind: 0,
    queue: 0,
    flowControl: 0,
    holdsBack: false,
    ...more,
  };
}

/** Members have no channel between them. */
function between(source: string, target: string, more: Partial<PairState> = {}): PairState {
  const name = `${source}-${target}`;
  return pair(name, {
    source,
    target,
    evidence: `has all changes of ${source} up to 90 ms ago`,
    replication: replication(name, [], { attribution: 'none', errant: '', errantCount: 0, direct: null }),
    ...more,
  });
}
