import { createMonitorUser, groupName, replicate, startGroup, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { looking } from '../support/cluster.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

test.runIf(clusters.includes('group-replication'))(
  'a replica that is set up as the members of its group are, and never was one, is a replica; and a member that is not reached is missing',
  async () => {
    await using cluster = await startGroup();
    await using m4 = await startServer({
      flavour: 'mysql',
      serverId: 77,
      options: [
        '--plugin-load-add=group_replication.so',
        '--loose-group_replication_start_on_boot=OFF',
        `--loose-group_replication_group_name=${groupName}`,
      ],
    });
    const [m1, m2, m3] = cluster.members;
    await replicate(m4, m1);
    await m1.query('CREATE DATABASE shop');
    await m1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await m1.query(`GRANT SELECT ON shop.* TO '${m1.monitor.user}'@'127.0.0.1'`);
    for (const server of [m2, m4]) {
      await vi.waitFor(async () => expect(await server.query('SELECT * FROM shop.t')).toEqual([]), patient);
    }
    await createMonitorUser(m4, ['shop']);
    const pairs = ['m1m2', 'm1m4', 'm2m4'].map((name) =>
      pairConfig(['shop.*'], { name, source: name.slice(0, 2), target: name.slice(2), checks: noChecks }),
    );
    const see = looking(startEngine({ servers: { m1, m2, m4 }, pairs }));
    for (const { name } of pairs) {
      await vi.waitFor(() => expect(see.pair(name)?.state).toBe('in-sync'), patient);
    }
    expect(see.pair('m2m4')?.replication?.evidence).toContain('another member of its group');
    expect(see.group().members.map(({ server }) => server)).toEqual(['m1', 'm2']);
    expect(see.group()).toMatchObject({ state: 'whole', size: 3 });

    // It is kept, for an hour, as one that may come back.
    for (const member of cluster.members) {
      await member.query('SET GLOBAL group_replication_member_expel_timeout = 3600');
    }
    await m3.freeze();
    await vi.waitFor(
      () =>
        expect(see.group()).toMatchObject({
          state: 'degraded',
          size: 3,
          evidence: expect.stringMatching(/has 3 members, of which m[12] does not reach 1$/) as string,
        }),
      patient,
    );
    await vi.waitFor(() => expect(see.alerts()).toContain('group-degraded m1 WARNING'), patient);
    expect(see.pair('m1m2')?.state).toBe('in-sync');
    m3.thaw();
    await vi.waitFor(() => expect(see.group().state).toBe('whole'), patient);
    expect(see.rules()).not.toContain('group-member-lost');
  },
);

test.runIf(clusters.includes('group-replication'))(
  'a group that is given another name while its members stay connected is called by that',
  async () => {
    await using cluster = await startGroup();
    const [m1, m2, m3] = cluster.members;
    const pair = pairConfig(['shop.*'], { name: 'm1m2', source: 'm1', target: 'm2', checks: noChecks });
    const running = startEngine({ servers: { m1, m2 }, pairs: [pair] });
    const see = looking(running);
    await vi.waitFor(() => expect(see.group()).toMatchObject({ name: groupName, state: 'whole' }), patient);
    const name = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
    for (const member of [m3, m2, m1]) {
      await member.query('STOP GROUP_REPLICATION');
      await member.query(`SET GLOBAL group_replication_group_name = '${name}'`);
    }
    const begun = running.events.length;
    await m1.query('SET GLOBAL group_replication_bootstrap_group = ON');
    for (const member of [m1, m2, m3]) {
      await member.query('START GROUP_REPLICATION');
      await m1.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    }
    await vi.waitFor(() => {
      expect(see.group()).toMatchObject({ state: 'whole', size: 3 });
      expect(see.pair('m1m2')?.state).toBe('in-sync');
    }, patient);
    const told = running.events.slice(begun).flatMap((event) => (event.type === 'group' ? event.data : []));
    const whole = told.filter(({ state }) => state === 'whole');
    expect(new Set(whole.map((group) => group.name))).toEqual(new Set([name]));
  },
);
