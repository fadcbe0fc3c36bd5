import type { ChannelStatus } from '@lockstep/checks';
import type { Scene } from '../scene.ts';
import { pair, replication, server, shopTables } from '../seed.ts';

const regions = ['ber', 'fra', 'iad', 'nrt'];
/** Replicas of each region's own. */
const each = 10;
const ring = ['ring-a', 'ring-b', 'ring-c'];

export const topology: Scene = {
  shows:
    'Who reads from whom: 50 servers in a tree, a ring, and one that reads from a server nobody watches.',
  screens: { topology: { path: '/topology' } },
  fill(engine) {
    engine.pairStates = [
      ...regions.map((region) => reading(region, 'primary')),
      ...regions.flatMap((region) =>
        Array.from({ length: each }, (_, i) =>
          reading(`${region}-${String(i + 1).padStart(2, '0')}`, region),
        ),
      ),
      ...ring.map((name, i) => reading(name, ring.at(i - 1) ?? name)),
      pair('merged', {
        replication: replication('merged', [
          { sourceHost: 'primary.db.example.com' },
          { name: 'crm', sourceHost: 'crm.elsewhere.example.com', applier: 'stopped' },
        ]),
      }),
    ];
    const [stopped, strayed] = engine.pairStates.slice(8);
    if (stopped) {
      Object.assign(
        stopped,
        reading(stopped.name, stopped.source, { receiver: 'stopped', applier: 'stopped' }),
        {
          state: 'stopped',
          evidence: 'receiver and applier are stopped',
        },
      );
    }
    if (strayed?.replication) Object.assign(strayed.replication, { errant: '0-9-12', errantCount: 3 });
    const names = new Set(engine.pairStates.flatMap(({ source, target }) => [source, target]));
    engine.serverStates = [...names].map((name) => server(name));
    engine.tableStates = engine.pairStates.flatMap(({ name }) => shopTables(name));
  },
};

function reading(name: string, source: string, more: Partial<ChannelStatus> = {}) {
  const from = { sourceHost: `${source}.db.example.com`, ...more };
  return pair(name, { source, replication: replication(name, [from]) });
}
