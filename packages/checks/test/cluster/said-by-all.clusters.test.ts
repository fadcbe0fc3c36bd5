import { startGalera, wsrepStatus } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

test.runIf(clusters.includes('galera'))(
  'an address that all nodes say of themselves names none, and a half that goes on alone is a split',
  async () => {
    await using cluster = await startGalera(['--wsrep-node-incoming-address=127.0.0.1:1']);
    const [n1, n2, n3] = cluster.members;
    const pairs = [
      ['n1', 'n2'],
      ['n1', 'n3'],
    ] as const;
    const see = looking(
      startEngine({
        servers: { n1, n2, n3 },
        pairs: pairs.map(([source, target]) =>
          pairConfig([], { name: `${source} to ${target}`, source, target }),
        ),
      }),
    );
    for (const [source, target] of pairs) {
      await vi.waitFor(() => expect(see.pair(`${source} to ${target}`)?.state).toBe('in-sync'), patient);
    }
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'whole', size: 3 }), patient);
    const alone = 'pc.ignore_quorum=true;pc.ignore_sb=true;gmcast.isolate=1';
    await n3.query(`SET GLOBAL wsrep_provider_options = '${alone}'`);
    await vi.waitFor(async () => expect(await wsrepStatus(n3, 'cluster_size')).toBe('1'), patient);
    expect(await wsrepStatus(n3, 'cluster_status')).toBe('Primary');
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    await vi.waitFor(
      () =>
        expect(see.pair('n1 to n3')).toMatchObject({
          state: 'not-in-group',
          evidence: expect.stringContaining('their cluster is split') as string,
        }),
      patient,
    );
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.state).toBe('in-sync'), patient);
  },
);
