import {
  type Cluster,
  memberState,
  startGalera,
  startGroup,
  type TestServer,
  wsrepStatus,
} from '@lockstep/servers';
import { inVainMs, patienceMs, patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PairConfig } from '../../src/config.ts';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import type { Run } from '../../src/model/run.ts';
import type { TableResult } from '../../src/model/verdict.ts';
import { ReplicationBarrier } from '../../src/verify/settle/replication-barrier.ts';
import { checkOnce } from '../support/check-once.ts';
import { stall } from '../support/cluster.ts';
import { connection, pairConfig, verifyConfig } from '../support/config.ts';
import { connect } from '../support/connect.ts';
import { engineConfig } from '../support/engine.ts';
import { watchLag } from '../support/lag-watch.ts';
import { route } from '../support/servers-that-answer.ts';
import { verify } from '../support/verify.ts';

describe.each(clusters)('in a %s cluster', (kind) => {
  let cluster: Cluster;
  let n1: TestServer, n2: TestServer, n3: TestServer;
  let next = 10;

  beforeAll(async () => {
    cluster = await (kind === 'galera' ? startGalera() : startGroup());
    [n1, n2, n3] = cluster.members;
    await n1.query('CREATE DATABASE shop');
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await n1.query('INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    await arrived(2);
  });
  afterAll(() => cluster.remove());

  const arrived = (rows: number) =>
    vi.waitFor(async () => expect(await n2.query('SELECT * FROM shop.t')).toHaveLength(rows), patient);
  const write = (count: number) => {
    const rows = Array.from({ length: count }, () => `(${next++}, 0)`);
    return n1.query(`INSERT INTO shop.t VALUES ${rows.join(', ')}`);
  };
  const count = async () => Number((await n1.query<{ n: number }>('SELECT COUNT(*) AS n FROM shop.t'))[0]?.n);

  test('two members are in sync without a channel, and one that stalls lags until it goes on', async () => {
    await using watch = watchLag({ source: n1, target: n2 }, [
      { lag: { warningMs: 500, criticalMs: 15_000, forMs: 0 } },
    ]);
    await vi.waitFor(() => expect(watch.state()).toMatchObject({ state: 'in-sync' }), patient);
    // Read now and then, and the first time maybe before both were asked.
    await vi.waitFor(
      () => expect(watch.status().evidence).toContain('both are members of one cluster'),
      patient,
    );
    {
      await using _ = await stall(n2);
      await write(3);
      await vi.waitFor(() => expect(watch.state().state).toBe('lagging'), patient);
      expect(watch.sample()).toMatchObject({ method: 'gtid', transactionsBehind: 1 });
      // Without a domain of its own what a node writes alone leaves no trace.
      expect(watch.status().errant).toBe(kind === 'galera' ? null : '');
    }
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    expect(watch.states('pair').map(({ state }) => state)).not.toContain('not-configured');
  });

  test('rows in flight are never different, whichever member is behind; planted ones are', async () => {
    await arrived(await count());
    const pair = { name: 'shop', source: n1, target: n2 };
    {
      await using _ = await stall(n2);
      await write(2);
      const [ahead] = await checkOnce(pair, { waitMs: inVainMs });
      expect(ahead).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      expect(ahead?.reason).toContain("did not apply the source's position");
      const [behind] = await checkOnce({ name: 'shop', source: n2, target: n1 }, { waitMs: inVainMs });
      expect(behind).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      expect(behind?.reason).toContain('source itself is behind target');
    }
    await arrived(await count());
    expect((await checkOnce(pair)).map(({ verdict }) => verdict)).toEqual(['MATCH']);

    const alone =
      kind === 'galera'
        ? ['SET wsrep_on = 0', 'SET sql_log_bin = 0', 'SET wsrep_on = 1']
        : ['SET sql_log_bin = 0', 'SET GLOBAL super_read_only = 0', 'SET GLOBAL super_read_only = 1'];
    const [first = '', second = '', last = ''] = alone;
    const person = await n2.connect();
    for (const statement of [first, second, 'UPDATE shop.t SET v = 7 WHERE id = 1', last]) {
      await person.query(statement);
    }
    const [planted] = await checkOnce(pair);
    expect(planted).toMatchObject({
      verdict: 'DIFFERENT',
      differences: { missing: 0, surplus: 0, changed: 1 },
    });
    for (const statement of [first, second, 'UPDATE shop.t SET v = 1 WHERE id = 1', last]) {
      await person.query(statement);
    }
    await person.end();
  });

  test.each([1, 2])(
    'under the writes of %i member(s) nothing is different, errant or out of its group, and the lag is known',
    async (writers) => {
      const severalWrite = kind === 'group-replication' && writers > 1;
      if (severalWrite) await n1.query('SELECT group_replication_switch_to_multi_primary_mode()');
      await using watch = watchLag({ source: n1, target: n2 });
      await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
      const before = watch.states('pair').length;
      const stop = new AbortController();
      let written = 0;
      const refused = new Set<number>();
      const load = [n1, n2].slice(0, writers).map(async (member) => {
        const connection = await member.connect();
        while (!stop.signal.aborted) {
          await connection.query('UPDATE shop.t SET v = v + 1 WHERE id = 2').then(
            () => written++,
            ({ errno }: { errno: number }) => refused.add(errno),
          );
        }
        await connection.end();
      });
      const results = [];
      try {
        await vi.waitFor(() => expect(written).toBeGreaterThan(20), patient);
        for (const [source, target] of [
          [n1, n2],
          [n2, n1],
          [n1, n3],
        ] as const) {
          results.push(...(await checkOnce({ name: 'shop', source, target })));
        }
        await watch.samplesMore(10);
      } finally {
        stop.abort();
        await Promise.all(load);
      }
      // Of two that write one row at once one loses, at the latest when it commits.
      expect([...refused].filter((errno) => ![1180, 1213, 3101].includes(errno))).toEqual([]);
      expect(results).toHaveLength(3);
      for (const { verdict, rows } of results) {
        expect([['MATCH', 'UNVERIFIED'].includes(verdict), rows]).toEqual([true, []]);
      }
      const said = new Set(
        watch
          .states('pair')
          .slice(before)
          .map(({ state }) => state),
      );
      expect([...said].filter((state) => state !== 'in-sync' && state !== 'lagging')).toEqual([]);
      expect(watch.status().errant).toBe(kind === 'galera' ? null : '');
      await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
      for (const target of [n2, n3]) {
        const [result] = await checkOnce({ name: 'shop', source: n1, target });
        expect(result).toMatchObject({ verdict: 'MATCH' });
      }
      if (severalWrite) {
        const [row] = await n1.query<{ id: string }>('SELECT @@server_uuid AS id');
        await n1.query(`SELECT group_replication_switch_to_single_primary_mode('${row?.id}')`);
      }
    },
  );

  test('a member that stalls under waits for the cluster is asked by as many connections as promised', async () => {
    const [on, off] =
      kind === 'galera'
        ? // All kinds of statements, SHOW among them.
          ['SET GLOBAL wsrep_sync_wait = 15', 'SET GLOBAL wsrep_sync_wait = 0']
        : [
            'SET GLOBAL group_replication_consistency = "BEFORE"',
            'SET GLOBAL group_replication_consistency = DEFAULT',
          ];
    await n2.query(on);
    // Its own session was there before, so nothing holds this.
    const ours = async () =>
      (await n2.query<{ User: string }>('SHOW PROCESSLIST')).filter(({ User }) => User === n2.monitor.user);
    await using watch = watchLag({ source: n1, target: n2 }, [
      { lag: { warningMs: 500, criticalMs: 15_000, forMs: 0 } },
    ]);
    {
      await using _ = await stall(n2);
      await write(1);
      await vi.waitFor(() => expect(watch.state().state).toBe('lagging'), patient);
      await watch.samplesMore(30);
      expect(watch.state().state).toBe('lagging');
      expect((await ours()).length).toBeLessThanOrEqual(connection.poolSize + 3);
      const [result] = await checkOnce({ name: 'shop', source: n1, target: n2 }, { waitMs: inVainMs });
      expect(result).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      expect(result?.reason).toContain("did not apply the source's position");
    }
    await n2.query(off);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });

  test('a member that left its group is said to have left it, or to be cut off, and why', async () => {
    await using watch = watchLag({ source: n1, target: n2 });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    if (kind === 'galera') await n2.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    else await n2.query('STOP GROUP_REPLICATION');
    await vi.waitFor(
      () => expect(watch.state().state).toBe(kind === 'galera' ? 'no-quorum' : 'not-in-group'),
      patient,
    );
    expect(watch.state().evidence).toContain(
      kind === 'galera' ? 'target: it is not in the primary component' : 'target: it has left its group',
    );
    if (kind === 'galera') {
      await n2.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
      await vi.waitFor(async () => expect(await wsrepStatus(n2, 'ready')).toBe('ON'), patient);
    } else await n2.query('START GROUP_REPLICATION');
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });

  test.runIf(kind === 'galera')(
    'a node without wsrep_on is known for one by who never saw it with it',
    async () => {
      await n2.query('SET GLOBAL wsrep_on = OFF');
      const why = 'wsrep_on is OFF there, so that what is written on it stays on it';
      {
        // What the node gets from its cluster meanwhile is on its way to the other one.
        await using _ = await stall(n3);
        await write(2);
        await arrived(await count());
        await using watch = watchLag({ source: n3, target: n2 });
        await vi.waitFor(() => expect(watch.state()).toMatchObject({ state: 'not-in-group' }), patient);
        expect(watch.state().evidence).toBe(`target: ${why}`);
        const [result] = await checkOnce({ name: 'shop', source: n3, target: n2 }, { waitMs: inVainMs });
        expect(result).toMatchObject({ verdict: 'UNVERIFIED' });
        expect(result?.reason).toContain(why);
      }
      await n2.query('SET GLOBAL wsrep_on = ON');
    },
  );

  const runOf = (
    source: TestServer,
    target: TestServer,
    changes: Partial<PairConfig>,
    at: (why: string) => void,
    onResult: (result: TableResult) => void = () => undefined,
  ) => {
    const pair = pairConfig(['shop.*'], changes);
    return verifyOnce({
      engine: engineConfig({ servers: { source, target }, pairs: [pair] }),
      pair,
      only: null,
      signal: new AbortController().signal,
      log: silent,
      onProgress: ({ evidence }) => at(evidence),
      onResult,
    });
  };

  test('a run waits while a member joins, be it the source or the target', async () => {
    const leave = `SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`;
    const back = `SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`;
    const recovery = async () =>
      (
        await n3.query<{ state: string }>(
          `SELECT SERVICE_STATE AS state FROM performance_schema.replication_connection_status
           WHERE CHANNEL_NAME = 'group_replication_recovery'`,
        )
      )[0]?.state;
    await n1.query('CREATE TABLE shop.later (id INT PRIMARY KEY)');
    await vi.waitFor(async () => expect(await n3.query('SELECT * FROM shop.later')).toEqual([]), patient);
    const running: Promise<Run>[] = [];
    const results: string[] = [];
    const result = ({ verdict, reason }: TableResult) => results.push(verdict === 'MATCH' ? verdict : reason);
    /** Two begin, and both wait. */
    const heldBy = async (why: string) => {
      const said = { target: new Set<string>(), source: new Set<string>() };
      running.push(
        runOf(n1, n3, {}, (evidence) => said.target.add(evidence), result),
        runOf(n3, n1, {}, (evidence) => said.source.add(evidence), result),
      );
      await vi.waitFor(() => {
        for (const side of ['target', 'source'] as const) {
          expect([...said[side]]).toContain(`paused: ${side}: ${why}`);
        }
      }, patient);
    };
    const holder = await n3.connect();
    await holder.query('LOCK TABLES shop.later READ');
    {
      await using _ = await stall(n3);
      if (kind === 'galera') {
        await n3.query(leave);
        await vi.waitFor(async () => expect(await wsrepStatus(n1, 'cluster_size')).toBe('2'), patient);
      } else await n3.query('STOP GROUP_REPLICATION');
      await write(1);
      await n3.query(kind === 'galera' ? back : 'START GROUP_REPLICATION');
      if (kind === 'galera') {
        await vi.waitFor(async () => expect(await wsrepStatus(n3, 'local_state')).toBe('1'), patient);
      } else await vi.waitFor(async () => expect(await memberState(n3)).toBe('RECOVERING'), patient);
      await heldBy(
        kind === 'galera'
          ? 'it is joining (Joining: receiving State Transfer)'
          : 'it is joining its group (RECOVERING)',
      );
      await n1.query('INSERT INTO shop.later VALUES (1)');
    }
    if (kind === 'group-replication') {
      // It has what was committed before it came, and no more than that.
      await vi.waitFor(async () => expect(await recovery()).toBe('OFF'), patient);
      await heldBy('it is joining its group (RECOVERING)');
    }
    await holder.end();
    const runs = await Promise.all(running);
    expect(new Set(results)).toEqual(new Set(['MATCH']));
    for (const run of runs) expect([run.state, run.verdicts]).toEqual(['finished', { MATCH: 2 }]);
    await n1.query('DROP TABLE shop.later');
  });

  test('the position of a member that is out for a moment is waited for, and no longer than a run waits', async () => {
    const { source, target } = await connect({ source: n1, target: n3 });
    if (!source || !target) throw new Error('not connected');
    const way = route({ kind: kind === 'galera' ? 'galera' : 'mysql-gtid', group: true });
    const barrier = (waitMs: number) =>
      new ReplicationBarrier({ source, target, route: () => way, waitMs, settleMs: 1000 });
    const { signal } = new AbortController();
    if (kind === 'galera') await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'`);
    else await n3.query('STOP GROUP_REPLICATION');
    await vi.waitFor(async () => {
      await expect(barrier(inVainMs).targetPosition(signal)).rejects.toThrow(
        kind === 'galera' ? 'it is not in the primary component' : 'it has left its group',
      );
    }, patient);
    const position = barrier(patienceMs).targetPosition(signal);
    if (kind === 'galera') await n3.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'`);
    else await n3.query('START GROUP_REPLICATION');
    expect(await position).toMatchObject({ kind: way.kind });
    await vi.waitFor(async () => expect(await n3.query('SELECT * FROM shop.t')).not.toEqual([]), patient);
  });

  test.runIf(kind === 'galera')(
    'whatever a run asks of a node that is not ready for a moment it asks again, and no longer than it waits',
    async () => {
      const person = await n3.connect();
      await person.query('SET wsrep_on = 0');
      await person.query('UPDATE shop.t SET v = 7 WHERE id = 1');
      const schema = { name: 'shop', source: n1, target: n3 };
      const route = { kind: 'galera', group: true } as const;
      const small = { verify: { ...verifyConfig, maxChunkRows: 20, parallel: 1 } };
      const readsTable = (sql: string) => sql.includes('`shop`.`t`');
      const different = { verdict: 'DIFFERENT', rows: [{ key: { id: '1' } }] };
      for (const side of ['source', 'target'] as const) {
        const node = schema[side];
        const refuse = (what: 'ALL' | 'NONE') => node.query(`SET GLOBAL wsrep_reject_queries = '${what}'`);
        /** Refused from that step on, for more often than a lost server is asked. */
        const refusedAt = async (step: number) => {
          let asked = 0;
          const before = async (of: string, sql: string) => {
            if (of !== side || !readsTable(sql)) return;
            asked++;
            if (asked === step) await refuse('ALL');
            if (asked === step + 6) await refuse('NONE');
          };
          const { run, of } = await verify(schema, { route, changes: small, before });
          expect(run, run.evidence).toMatchObject({ state: 'finished', verdicts: { DIFFERENT: 1 } });
          expect(of('t'), of('t').reason).toMatchObject(different);
          return asked;
        };
        const steps = await refusedAt(Infinity);
        expect(steps).toBeGreaterThan(2);
        for (let step = 1; step <= steps; step++) await refusedAt(step);

        await refuse('ALL');
        const verify0 = { ...small.verify, waitMs: inVainMs };
        const { run, of } = await verify(schema, { route, changes: { verify: verify0 } });
        await refuse('NONE');
        expect(run.state).toBe('finished');
        expect(of('t')).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
        expect(of('t').reason).toContain(`its cluster does not let it be read: ${side}`);
      }
      await person.query('UPDATE shop.t SET v = 1 WHERE id = 1');
      await person.end();
    },
  );

  test.runIf(kind === 'galera')(
    'rows that a node holds back under FLUSH TABLES WITH READ LOCK are waited for',
    async () => {
      await arrived(await count());
      const holder = await n2.connect();
      await holder.query('FLUSH TABLES WITH READ LOCK');
      await vi.waitFor(async () => expect(await wsrepStatus(n2, 'local_state')).toBe('2'), patient);
      await write(5);
      const told = new Set<string>();
      const results: TableResult[] = [];
      const run = runOf(
        n1,
        n2,
        {},
        (evidence) => told.add(evidence),
        (result) => results.push(result),
      );
      const why = 'paused: target: it is a donor or desynced (Donor/Desynced)';
      await vi.waitFor(() => expect([...told]).toContain(why), patient);
      expect(results).toEqual([]);
      await holder.end();
      expect(await run).toMatchObject({ state: 'finished', verdicts: { MATCH: 1 } });
    },
  );

  test.runIf(kind === 'galera')(
    'what a node writes without its binary log comes to the others all the same, and is errant nowhere',
    async () => {
      const person = await n2.connect();
      await person.query('SET sql_log_bin = 0');
      await person.query(`INSERT INTO shop.t VALUES (${next++}, 0)`);
      await person.end();
      await using watch = watchLag({ source: n1, target: n2 });
      await write(1);
      await vi.waitFor(async () => expect(await count()).toBe(next - 8), patient);
      await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
      await watch.samplesMore(10);
      expect(watch.status().errant).toBeNull();
      const [result] = await checkOnce({ name: 'shop', source: n1, target: n2 });
      expect(result).toMatchObject({ verdict: 'MATCH' });
    },
  );

  test.runIf(kind === 'galera')('a run waits while a node is a donor', async () => {
    await n2.query('SET GLOBAL wsrep_desync = ON');
    const told = new Set<string>();
    const run = await runOf(n1, n2, {}, (evidence) => {
      if (told.has(evidence)) return;
      told.add(evidence);
      if (evidence.startsWith('paused')) void n2.query('SET GLOBAL wsrep_desync = OFF');
    });
    expect(told).toContain('paused: target: it is a donor or desynced (Donor/Desynced)');
    expect([run.state, run.verdicts]).toEqual(['finished', { MATCH: 1 }]);
  });

  test.runIf(kind === 'galera')(
    'a run waits while flow control holds the cluster back, unless told not to',
    async () => {
      let writing: Promise<void>;
      let held: Promise<Run>;
      const told: string[] = [];
      // While a node is desynced nobody waits for it.
      await vi.waitFor(
        async () => expect(await wsrepStatus(n2, 'local_state_comment')).toBe('Synced'),
        patient,
      );
      const throttle = { maxLagMs: null, maxThreadsRunning: null, maxFlowControl: null };
      {
        await using _ = await stall(n2);
        writing = (async () => {
          for (let i = 0; i < 120; i++) await write(1);
        })();
        await vi.waitFor(
          async () => expect(await wsrepStatus(n2, 'flow_control_active')).toBe('true'),
          patient,
        );
        expect(await runOf(n1, n3, { throttle }, () => undefined)).toMatchObject({ verdicts: { MATCH: 1 } });
        held = runOf(n1, n3, { throttle: { ...throttle, maxFlowControl: 0.05 } }, (evidence) =>
          told.push(evidence),
        );
        await vi.waitFor(
          () => expect(told.join('\n')).toMatch(/source: .* back for \d+ % of the last second, ≥ 5 %/),
          patient,
        );
        expect(told.find((evidence) => evidence.startsWith('paused'))).toContain(
          'flow control holds its cluster back',
        );
      }
      expect(await held).toMatchObject({ state: 'finished', verdicts: { MATCH: 1 } });
      await writing;
    },
  );
});
