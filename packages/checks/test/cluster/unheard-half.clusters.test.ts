import { startGalera, startGroup } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

test.each(clusters)(
  'that a %s cluster is split is not over while one half does not answer, and is when that is back in the other',
  async (kind) => {
    const galera = kind === 'galera';
    await using cluster = await (galera ? startGalera() : startGroup());
    const [n1, n2, n3] = cluster.members;
    const see = looking(
      startEngine({
        servers: { n1, n2, n3 },
        pairs: ['n2', 'n3'].map((target) => pairConfig(['shop.*'], { name: target, source: 'n1', target })),
      }),
    );
    const is = (state: string) =>
      vi.waitFor(() => expect(see.group().state, see.group().evidence).toBe(state), patient);
    const lets = async (how: string) => {
      const { user } = n3.monitor;
      await n3.query(`ALTER USER '${user}'@'127.0.0.1' ACCOUNT ${how}`);
      const sessions = await n3.query(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = '${user}'`,
      );
      for (const { id } of sessions) await n3.query(`KILL ${Number(id)}`).catch(() => {});
    };
    const split = 'group-split n1 CRITICAL';
    await is('whole');
    if (galera) {
      await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
      await vi.waitFor(() => expect(see.member('n3').state).toBe('no-quorum'), patient);
      await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    } else {
      await n3.query('STOP GROUP_REPLICATION');
      await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
      await n3.query('START GROUP_REPLICATION');
      await n3.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    }
    await vi.waitFor(() => expect(see.fired()).toContain('group-split'), patient);
    await lets('LOCK');
    await is('degraded');
    for (const alert of ['group-degraded n1 WARNING', 'connection-lost n3 CRITICAL']) {
      await vi.waitFor(() => expect(see.alerts()).toContain(alert), patient);
    }
    expect(see.alerts()).toContain(split);
    expect(see.group().evidence).toContain('it was split when n3 answered last');
    await lets('UNLOCK');
    await is('split');

    // More than the half that ends has: its member is taken in.
    for (let i = 0; i < 5; i++) await n1.query(`CREATE DATABASE more_${i}`);
    if (galera) {
      await n3.stop();
      await n3.start();
    } else {
      await n3.query('STOP GROUP_REPLICATION');
      await n3.query('START GROUP_REPLICATION');
    }
    await is('whole');
    await vi.waitFor(() => expect(see.alerts()).not.toContain(split), patient);
  },
);
