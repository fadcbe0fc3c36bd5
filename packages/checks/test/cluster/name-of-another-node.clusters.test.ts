import {
  createMonitorUser,
  replicate,
  startGalera,
  startReplica,
  startServer,
  stopReplica,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { countedTable } from '../support/counted-table.ts';
import { startEngine } from '../support/engine.ts';
import { forward } from '../support/forward.ts';
import { runAhead } from '../support/run-ahead.ts';

describe.runIf(clusters.includes('galera'))('a name that leads to another node of its cluster now', () => {
  test.each(['Lockstep', 'the replica'])(
    'is no reason to believe a replica by the numbers of the one before: %s was there first',
    async (first) => {
      await using cluster = await startGalera();
      await using a1 = await startServer({ flavour: 'mariadb', serverId: 77 });
      const [n1, n2] = cluster.members;
      const { write, ids, arrived } = await countedTable(n1);
      let active = n1;
      const vip = await forward(() => active.port);
      await replicate(a1, n1, { port: vip.port });
      await write(n1, 3);
      await arrived(a1);
      await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
      await createMonitorUser(a1, ['shop']);
      await runAhead(n1);
      const running = startEngine({
        servers: { vip: n1, a1 },
        reach: { vip: { port: vip.port } },
        pairs: [pairConfig(['shop.*'], { source: 'vip', target: 'a1' })],
      });
      const see = looking(running);
      const state = () => see.pair('pair')?.state;
      await write(n1, 1);
      await arrived(a1);
      await vi.waitFor(() => expect(state()).toBe('in-sync'), patient);
      await stopReplica(a1);
      await write(n1, 10);
      await arrived(n2);
      active = n2;
      if (first === 'Lockstep') vip.cut();
      await startReplica(a1);
      if (first !== 'Lockstep') {
        // Whom the channel reads from is read before Lockstep is led to it.
        await vi.waitFor(() => expect(state()).toBe('unknown'), patient);
        vip.cut();
      }
      await write(n2, 1);
      await arrived(a1);
      expect(await ids(a1)).not.toEqual(await ids(n2));
      await vi.waitFor(
        () =>
          expect(see.pair('pair')?.evidence).toContain(
            'was seen to read by the numbers of another node than vip',
          ),
        patient,
      );
      const seen = running.events.length;
      await write(n2, 1);
      await vi.waitFor(() => {
        const since = running.events
          .slice(seen)
          .flatMap((event) => (event.type === 'lag' ? event.data.lagMs : []));
        expect(since.length).toBeGreaterThan(20);
        expect(since.filter((lagMs) => lagMs !== null)).toEqual([]);
      }, patient);
      expect(state()).toBe('unknown');

      const all = await ids(n2);
      await a1.query(`INSERT IGNORE INTO shop.t VALUES ${all.map((id) => `(${id})`).join(', ')}`);
      running.engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(state(), see.pair('pair')?.evidence).toBe('in-sync'), patient);
    },
  );
});
