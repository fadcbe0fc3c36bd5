import { startGalera, wsrepStatus } from '@lockstep/servers';
import { patient, soonSilentMs } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { countedTable } from '../support/counted-table.ts';
import { watchLag } from '../support/lag-watch.ts';

test.runIf(clusters.includes('galera'))(
  'nodes that were frozen together do not confirm each other while a third one may have gone on without them',
  async () => {
    await using cluster = await startGalera();
    const [n1, n2, n3] = cluster.members;
    const { write, ids, arrived } = await countedTable(n1);
    await write(n1, 3);
    for (const node of [n2, n3]) await arrived(node);
    // It has the majority alone.
    await n1.query(`SET GLOBAL wsrep_provider_options = 'pc.weight=3'`);
    await using watch = watchLag({ n2, n3 }, [{ source: 'n2', target: 'n3' }], {
      silentAfterMs: soonSilentMs,
    });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    for (const node of [n2, n3]) await node.freeze();
    await vi.waitFor(async () => expect(await wsrepStatus(n1, 'cluster_size')).toBe('1'), patient);
    await write(n1, 5);
    await vi.waitFor(() => expect(watch.sample().lagMs).toBeNull(), patient);
    const before = watch.samples('pair').length;
    for (const node of [n2, n3]) node.thaw();
    const out = 'not in the primary component';
    await vi.waitFor(() => expect(watch.sample().evidence).toContain(out), patient);
    const said = watch.samples('pair').slice(before);
    const foundOut = said.findIndex(({ evidence }) => evidence.includes(out));
    expect(said.slice(0, foundOut).filter(({ lagMs }) => lagMs !== null)).toEqual([]);
    for (const node of [n2, n3]) await arrived(node);
    expect(await ids(n3)).toEqual(await ids(n1));
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  },
);
