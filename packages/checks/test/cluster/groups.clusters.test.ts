import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, groupName, startGalera, startGroup, type TestServer } from '@lockstep/servers';
import { inVainMs, patient, soonSilentMs } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { GroupMember } from '../../src/model/group.ts';
import { checkOnce } from '../support/check-once.ts';
import { looking, stall } from '../support/cluster.ts';
import { connection, pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { forward } from '../support/forward.ts';

describe.each(clusters)('of a %s cluster', (kind) => {
  const galera = kind === 'galera';
  let cluster: Cluster;
  let n1: TestServer, n2: TestServer, n3: TestServer;
  let next = 10;

  beforeAll(async () => {
    // With numbers of its own for what a node writes alone.
    cluster = await (galera
      ? startGalera(['--wsrep-gtid-mode=ON', '--wsrep-gtid-domain-id=7'])
      : startGroup());
    [n1, n2, n3] = cluster.members;
    if (galera) {
      for (const [i, node] of cluster.members.entries()) {
        await node.query(`SET GLOBAL gtid_domain_id = ${11 + i}`);
      }
    }
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    for (const node of [n2, n3]) {
      await vi.waitFor(async () => expect(await node.query('SELECT * FROM shop.t')).toHaveLength(2), patient);
    }
  });
  afterAll(() => cluster.remove());

  const commit = async (count: number) => {
    for (let i = 0; i < count; i++) await n1.query(`INSERT INTO shop.t VALUES (${next++}, 0)`);
  };
  const address = ({ port }: TestServer) => `127.0.0.1:${port}`;
  const checks = {
    checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' as const },
    consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' as const },
  };
  const lag = { warningMs: 500, criticalMs: 15_000, forMs: 0 };
  const pairOf = (source: string, target: string) =>
    pairConfig(['shop.*'], { name: `${source} to ${target}`, source, target, checks, lag });
  const watch = (...pairs: [string, string][]) => {
    const all: Record<string, TestServer> = { n1, n2, n3 };
    const names = new Set(pairs.flat());
    const servers = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
    return looking(startEngine({ servers, pairs: pairs.map(([source, target]) => pairOf(source, target)) }));
  };
  const well = async (see: ReturnType<typeof watch>, pairs: string[]) => {
    for (const pair of pairs) await vi.waitFor(() => expect(see.pair(pair)?.state).toBe('in-sync'), patient);
  };
  const whole = (see: ReturnType<typeof watch>) =>
    vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'whole', size: 3 }), patient);

  test('a cluster is found by its members, which confirm each other, and names who is not watched', async () => {
    const see = watch(['n1', 'n2']);
    await well(see, ['n1 to n2']);
    await whole(see);
    expect(see.group()).toMatchObject({
      kind,
      name: galera ? 'lockstep' : groupName,
      evidence: expect.stringContaining('has all its 3 members') as string,
      unwatched: [address(n3)],
      primary: galera ? null : 'n1',
    });
    expect(see.group().members.map(({ server, state, viewSize }) => [server, state, viewSize])).toEqual([
      ['n1', 'in-group', 3],
      ['n2', 'in-group', 3],
    ]);
    expect(see.member('n2').evidence).toMatch(/^it has the view .* \(3 members\), as n1$/);
    await vi.waitFor(() => expect(see.member('n2')).toMatchObject({ lagMs: 0, behind: 0 }), patient);
  });

  test('a member that is reached by another address than its cluster knows it by is watched, and not another', async () => {
    const door = await forward(() => n3.port);
    const see = looking(
      startEngine({
        servers: { n1, n2, n3 },
        reach: { n3: { port: door.port } },
        pairs: [pairOf('n1', 'n2'), pairOf('n1', 'n3')],
      }),
    );
    await well(see, ['n1 to n2', 'n1 to n3']);
    await whole(see);
    await vi.waitFor(() => expect(see.group().unwatched).toEqual([]), patient);
  });

  test('of a member that stalls its own pair lags, and where it is the source, the source is said to be behind', async () => {
    const see = watch(['n1', 'n2'], ['n2', 'n1'], ['n2', 'n3']);
    await well(see, ['n1 to n2', 'n2 to n1', 'n2 to n3']);
    {
      await using _ = await stall(n2);
      await commit(5);
      await vi.waitFor(() => expect(see.pair('n1 to n2')?.state).toBe('lagging'), patient);
      expect(see.pair('n1 to n2')?.evidence).toMatch(/n2 lacks changes/);
      await vi.waitFor(() => expect(see.pair('n1 to n2')?.replication?.attribution).toBe('applier'), patient);
      await vi.waitFor(
        () => expect(see.pair('n1 to n2')?.evidence).toContain('have arrived and wait for its applier'),
        patient,
      );
      for (const pair of ['n2 to n1', 'n2 to n3']) {
        await vi.waitFor(() => expect(see.pair(pair)?.state).toBe('source-behind'), patient);
        expect(see.pair(pair)?.evidence).toContain('n2 itself lacks changes that its cluster had');
        expect(see.pair(pair)?.lag?.lagMs).toBe(0);
      }
      await vi.waitFor(
        () => expect(see.member('n2')).toMatchObject({ state: 'in-group', behind: 5 }),
        patient,
      );
      for (const pair of ['n1 to n2', 'n2 to n1']) {
        expect(see.pair(pair)?.replication?.errant).toBe('');
      }
    }
    await well(see, ['n1 to n2', 'n2 to n1', 'n2 to n3']);
  });

  test('a member that left is lost, which is told at once, and over when it is back', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await well(see, ['n1 to n2', 'n1 to n3']);
    await whole(see);
    if (galera) await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    else await n3.query('STOP GROUP_REPLICATION');
    const state = galera ? 'no-quorum' : 'not-in-group';
    await vi.waitFor(() => expect(see.pair('n1 to n3')?.state).toBe(state), patient);
    await vi.waitFor(
      () => expect(see.group()).toMatchObject({ state: 'degraded', size: 2, largest: 3 }),
      patient,
    );
    await vi.waitFor(
      () =>
        expect(see.alerts()).toEqual(
          expect.arrayContaining(['group-member-lost n3 CRITICAL', 'group-degraded n1 WARNING']),
        ),
      patient,
    );
    expect(see.messages().some((message) => message.startsWith('n3: it'))).toBe(true);
    // The list that it gave while it left was a part of one.
    expect(
      see
        .told('n3')
        .map(({ evidence }) => evidence)
        .join(),
    ).not.toMatch(/may not be read|alone in its view/);
    const found = await checkOnce({ name: 'shop', source: n1, target: n3 }, { waitMs: inVainMs });
    if (galera) {
      expect(found.map(({ verdict }) => verdict)).not.toContain('ERROR');
      expect(found.map(({ verdict }) => verdict)).not.toContain('DIFFERENT');
      expect(found.map(({ reason }) => reason).join()).toContain('WSREP has not yet prepared node');
    } else expect(found.map(({ verdict }) => verdict)).toEqual(['MATCH']);
    expect(see.pair('n1 to n2')?.state).toBe('in-sync');
    if (galera) await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
    else await n3.query('START GROUP_REPLICATION');
    await well(see, ['n1 to n3']);
    await whole(see);
    await vi.waitFor(() => expect(see.alerts()).toEqual([]), patient);
    expect(see.rules()).not.toContain('replication-missing');
  });

  test.runIf(galera)(
    'a node that is desynced takes part, with the word that flow control does not wait for it',
    async () => {
      const see = watch(['n1', 'n2']);
      await well(see, ['n1 to n2']);
      await n2.query('SET GLOBAL wsrep_desync = ON');
      await vi.waitFor(() => expect(see.member('n2').state).toBe('donor'), patient);
      await vi.waitFor(
        () =>
          expect(see.pair('n1 to n2')?.evidence).toContain(
            'n2 is a donor or desynced: flow control does not wait',
          ),
        patient,
      );
      expect(see.pair('n1 to n2')?.state).toBe('in-sync');
      await n2.query('SET GLOBAL wsrep_desync = OFF');
      await vi.waitFor(() => expect(see.member('n2').state).toBe('in-group'), patient);
    },
  );

  test.runIf(galera)('what a node wrote alone is errant there, and nowhere else', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3'], ['n2', 'n1']);
    await well(see, ['n1 to n2', 'n1 to n3', 'n2 to n1']);
    const person = await n2.connect();
    await person.query('SET SESSION wsrep_on = 0');
    await person.query('UPDATE shop.t SET v = v WHERE id = 1');
    await person.query('UPDATE shop.t SET v = 5 WHERE id = 1');
    await person.query('UPDATE shop.t SET v = 1 WHERE id = 1');
    await person.end();
    await vi.waitFor(
      () => expect(see.pair('n1 to n2')?.replication?.errant).toMatch(/^12-\d+-\d+$/),
      patient,
    );
    expect(see.pair('n1 to n3')?.replication?.errant).toBe('');
    expect(see.pair('n2 to n1')?.replication?.errant).toBe('');
    await well(see, ['n1 to n2']);
  });

  test('two names of one member confirm nothing for each other, and hide nothing that it wrote alone', async () => {
    const see = looking(startEngine({ servers: { n2, twin: n2 }, pairs: [pairOf('n2', 'twin')] }));
    for (const name of ['n2', 'twin']) {
      await vi.waitFor(
        () =>
          expect(see.member(name)).toMatchObject({
            state: 'unknown',
            evidence: expect.stringContaining('which no other watched member confirms') as string,
          }),
        patient,
      );
    }
    expect(see.group().state).toBe('unknown');
    expect(see.states('n2 to twin').filter(({ state }) => state === 'in-sync')).toEqual([]);
    if (!galera) return;
    const three = looking(
      startEngine({ servers: { n1, n2, twin: n2 }, pairs: [pairOf('n1', 'n2'), pairOf('n1', 'twin')] }),
    );
    const pairs = ['n1 to n2', 'n1 to twin'];
    await well(three, pairs);
    const person = await n2.connect();
    await person.query('SET SESSION wsrep_on = 0');
    await person.query('UPDATE shop.t SET v = v + 1 WHERE id = 1');
    await person.query('UPDATE shop.t SET v = v - 1 WHERE id = 1');
    await person.end();
    for (const pair of pairs) {
      await vi.waitFor(() => expect(three.pair(pair)?.replication?.errant).toMatch(/^12-\d+-\d+$/), patient);
    }
  });

  test.runIf(galera)('the node that the others wait for is named, with the share of their time', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await well(see, ['n1 to n2', 'n1 to n3']);
    let writing: Promise<void>;
    {
      await using _ = await stall(n2);
      writing = commit(120);
      await vi.waitFor(() => expect(see.member('n2')).toMatchObject({ holdsBack: true }), patient);
      expect(see.member('n3').holdsBack).toBe(false);
      await vi.waitFor(() => expect(see.alerts()).toContain('flow-control n2 WARNING'), patient);
      expect(see.alerts().filter((alert) => alert.startsWith('flow-control'))).toHaveLength(1);
      expect(see.pair('n1 to n2')?.evidence).toContain('flow control: the cluster waits for n2');
    }
    await writing;
    await well(see, ['n1 to n2']);
    await vi.waitFor(() => expect(see.alerts().join()).not.toContain('flow-control'), patient);
  });

  test.runIf(!galera)('an election is an event, and no alert', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await well(see, ['n1 to n2', 'n1 to n3']);
    await vi.waitFor(() => expect(see.group().primary).toBe('n1'), patient);
    const elect = async (member: TestServer) => {
      const [row] = await member.query<{ id: string }>('SELECT @@server_uuid AS id');
      await member.query(`SELECT group_replication_set_as_primary('${row?.id}')`);
    };
    await elect(n2);
    await vi.waitFor(
      () => expect(see.messages()).toContain('n2 is the primary of its group now, it was n1'),
      patient,
    );
    expect(see.member('n1').role).toBe('secondary');
    await elect(n1);
    await vi.waitFor(() => expect(see.group().primary).toBe('n1'), patient);
    await n1.query('SELECT group_replication_switch_to_multi_primary_mode()');
    await vi.waitFor(() => expect(see.member('n2').role).toBe('primary'), patient);
    await well(see, ['n1 to n2', 'n1 to n3']);
    const [row] = await n1.query<{ id: string }>('SELECT @@server_uuid AS id');
    await n1.query(`SELECT group_replication_switch_to_single_primary_mode('${row?.id}')`);
    await vi.waitFor(() => expect(see.member('n2').role).toBe('secondary'), patient);
    await well(see, ['n1 to n2', 'n1 to n3']);
    expect(see.rules()).not.toContain('read-only-changed');
  });

  test.runIf(!galera)('what a member wrote alone while it was out of its group is errant there', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await well(see, ['n1 to n2', 'n1 to n3']);
    expect(see.pair('n1 to n2')?.replication?.errant).toBe('');
    await n2.query('STOP GROUP_REPLICATION');
    await n2.query('SET GLOBAL super_read_only = 0');
    const [had] = await n2.query<{ had: string }>('SELECT @@global.gtid_executed AS had');
    await n2.query('CREATE DATABASE of_n2');
    const [row] = await n2.query<{ id: string }>('SELECT @@server_uuid AS id');
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.replication?.errant).toBe(`${row?.id}:1`), patient);
    expect(see.pair('n1 to n3')?.replication?.errant).toBe('');
    // It forgets it, and comes back.
    await n2.query('RESET BINARY LOGS AND GTIDS');
    await n2.query(`SET GLOBAL gtid_purged = '${had?.had.replaceAll('\n', '')}'`);
    const person = await n2.connect();
    await person.query('SET sql_log_bin = 0');
    await person.query('DROP DATABASE of_n2');
    await person.end();
    await n2.query('START GROUP_REPLICATION');
    await well(see, ['n1 to n2']);
    await vi.waitFor(() => expect(see.pair('n1 to n2')?.replication?.errant).toBe(''), patient);
  });

  test.runIf(!galera)('without the privileges for it the view is not known, and the rest is', async () => {
    const tables = ['members', 'member_stats'].map(
      (table) => `performance_schema.replication_group_${table}`,
    );
    const account = `'${n2.monitor.user}'@'127.0.0.1'`;
    const all = async (statement: (table: string) => string) => {
      await n2.query('SET sql_log_bin = 0');
      await n2.query('SET GLOBAL super_read_only = 0');
      for (const table of tables) await n2.query(statement(table));
      await n2.query('SET GLOBAL super_read_only = 1');
      await n2.query('SET sql_log_bin = 1');
    };
    await all((table) => `REVOKE SELECT ON ${table} FROM ${account}`);
    const see = watch(['n1', 'n2']);
    await well(see, ['n1 to n2']);
    await vi.waitFor(() => expect(see.alerts()).toContain('privilege-missing n2 WARNING'), patient);
    expect(see.member('n2')).toMatchObject({ state: 'in-group', view: null, role: null, lagMs: 0 });
    expect(see.member('n2').evidence).toContain('its view may not be read');
    await all((table) => `GRANT SELECT ON ${table} TO ${account}`);
  });

  test('a member that was frozen and says that it is well is found out by its view, and never called in sync', async () => {
    const see = looking(
      startEngine({
        servers: { n1, n2, n3 },
        pairs: [pairOf('n1', 'n2'), pairOf('n1', 'n3'), pairOf('n3', 'n1')],
        config: { connection: { ...connection, connectTimeoutMs: soonSilentMs } },
      }),
    );
    await well(see, ['n1 to n2', 'n1 to n3', 'n3 to n1']);
    await whole(see);
    await n3.freeze();
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'degraded', size: 2 }), patient);
    await vi.waitFor(
      () =>
        expect(see.member('n3')).toMatchObject({
          state: 'not-in-group',
          evidence: expect.stringMatching(
            /^it is not in the view of n[12], and does not answer: .*no answer within /,
          ) as string,
        }),
      patient,
    );
    for (const pair of ['n1 to n3', 'n3 to n1']) {
      await vi.waitFor(
        () =>
          expect(see.pair(pair)).toMatchObject({
            state: 'unknown',
            evidence: expect.stringMatching(/n3: .*no answer within /) as string,
          }),
        patient,
      );
    }
    await commit(3);
    const before = {
      told: see.told('n3').length,
      there: see.states('n1 to n3').length,
      back: see.states('n3 to n1').length,
    };
    n3.thaw();
    await vi.waitFor(
      () =>
        expect(see.told('n3').slice(before.told)).toContainEqual(
          expect.objectContaining({
            state: 'no-quorum',
            evidence: expect.stringMatching(
              /^it says that it is well, but has the view .* \(3 members\), while n[12] has .* \(2 members\): it was frozen or is cut off, and does not know it$/,
            ) as string,
          }) as GroupMember,
        ),
      patient,
    );
    await whole(see);
    await well(see, ['n1 to n3', 'n3 to n1']);
    const states = (pair: string, from: number) => see.states(pair).slice(from);
    for (const said of [...states('n1 to n3', before.there), ...states('n3 to n1', before.back)]) {
      // In sync is said of a member only that has the view that the others have.
      if (said.state !== 'in-sync') continue;
      const member = see.told('n3').findLast(({ since }) => since.getTime() <= said.since.getTime());
      expect(member).toMatchObject({ state: 'in-group' });
    }
  });

  test('how many members a cluster had is known after a restart, until a person takes fewer for all', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lockstep-store-')), 'lockstep.db');
    const servers = { n1, n2, n3 };
    const start = () => {
      const running = startEngine({ servers, pairs: [pairOf('n1', 'n2'), pairOf('n1', 'n3')], file });
      return { ...looking(running), ...running };
    };
    let see = start();
    await whole(see);
    await see.stop();
    if (galera) await n3.stop();
    else await n3.query('STOP GROUP_REPLICATION');
    see = start();
    const degraded = { state: 'degraded', size: 2, largest: 3 };
    await vi.waitFor(() => expect(see.group()).toMatchObject(degraded), patient);
    await vi.waitFor(() => expect(see.member('n3').state).toBe('not-in-group'), patient);
    await vi.waitFor(() => expect(see.alerts()).toContain('group-degraded n1 WARNING'), patient);

    const { id } = see.group();
    expect(() => see.engine.acceptGroupSize(id, 3, 'anna')).toThrow('it is not a cluster of 3 at present');
    expect(see.engine.acceptGroupSize(id, 2, 'anna')).toMatchObject({ state: 'whole', largest: 2 });
    await vi.waitFor(() => expect(see.alerts().join()).not.toContain('group-degraded'), patient);
    expect(see.messages()).toContainEqual(expect.stringContaining('is to have 2 members, it had 3'));
    await see.stop();
    see = start();
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'whole', size: 2 }), patient);
    if (galera) await n3.start();
    else await n3.query('START GROUP_REPLICATION');
    await vi.waitFor(() => expect(see.group()).toMatchObject({ state: 'whole', largest: 3 }), patient);
    await well(see, ['n1 to n3']);
  });

  test('two halves of one cluster that both take writes are a split, and no pair between them is compared, nor behind the other', async () => {
    const see = watch(['n1', 'n2'], ['n1', 'n3']);
    await well(see, ['n1 to n2', 'n1 to n3']);
    if (galera) {
      await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
      await vi.waitFor(() => expect(see.member('n3').state).toBe('no-quorum'), patient);
      await n3.query(`SET GLOBAL wsrep_provider_options = 'pc.bootstrap=1'`);
    } else {
      await n3.query('STOP GROUP_REPLICATION');
      await n3.query('SET GLOBAL group_replication_bootstrap_group = ON');
      await n3.query('START GROUP_REPLICATION');
    }
    await vi.waitFor(() => expect(see.group().state).toBe('split'), patient);
    await vi.waitFor(() => expect(see.alerts()).toContain('group-split n1 CRITICAL'), patient);
    expect(see.pair('n1 to n3')).toMatchObject({
      state: 'not-in-group',
      evidence: expect.stringContaining('their cluster is split') as string,
    });
    await n3.query('INSERT INTO shop.t VALUES (-1, 0)');
    await n3.query('INSERT INTO shop.t VALUES (-2, 0)');
    // n1 and n2 were asked after that.
    const { lastContact } = see.engine.server('n3')!;
    for (const name of ['n3', 'n1', 'n2']) {
      await vi.waitFor(
        () => expect(see.engine.server(name)!.lastContact! > lastContact!).toBe(true),
        patient,
      );
    }
    expect(see.pair('n1 to n2')?.state).toBe('in-sync');
    expect(see.member('n2')).toMatchObject({ lagMs: 0, behind: 0 });
  });

  test('a member whose peers are gone is cut off from the majority, whatever it says itself', async () => {
    const see = watch(['n1', 'n2'], ['n2', 'n1']);
    await vi.waitFor(() => expect(see.member('n1').state).toBe('in-group'), patient);
    await Promise.all([n2.kill9(), n3.kill9()]);
    await vi.waitFor(() => expect(see.member('n1').state).toBe('no-quorum'), patient);
    await vi.waitFor(() => expect(see.alerts()).toContain('group-member-lost n1 CRITICAL'), patient);
    await vi.waitFor(() => expect(see.pair('n2 to n1')?.state).toBe('no-quorum'), patient);
  });
});
