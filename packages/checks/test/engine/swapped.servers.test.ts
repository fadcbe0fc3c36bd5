import {
  createFreshSchema,
  endingProxy,
  type OwnPair,
  type ServerHandle,
  startPair,
  stopReplica,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connection, pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { plant } from '../support/verify.ts';

/** Of both, for a connection that was renewed just now has none yet. */
const known = (identities: () => unknown[]) =>
  vi.waitFor(() => {
    const both = identities();
    both.forEach((identity) => expect(identity).toBeTruthy());
    return both;
  }, patient);

describe.each(flavours)('names of source and target that are swapped, on %s,', (flavour) => {
  let pair: OwnPair;
  let name: string;
  beforeAll(async () => {
    pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    name = schema.name;
    const [t, u] = [`${schema.sql}.t`, `${schema.sql}.u`];
    const rows = Array.from({ length: 4000 }, (_, id) => `(${id}, 0)`);
    for (const table of [t, u]) {
      await schema.source.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, v INT)`);
      await schema.source.query(`INSERT INTO ${table} VALUES ${rows.join()}`);
    }
    await plant(schema, `UPDATE ${t} SET v = 1 WHERE id IN (7, 3900)`);
    await plant(schema, `UPDATE ${u} SET v = 1 WHERE id BETWEEN 2000 AND 2010`);
    await stopReplica(pair.target);
    await pair.source.query(`INSERT INTO ${t} VALUES (4000, 0)`);
    const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    for (const server of [pair.source, pair.target]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
      await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
    }
  });
  afterAll(() => pair.remove());

  const account = { user: 'same', password: () => Promise.resolve('pw') };
  const watch = (source: number, target: number) => {
    const { engine, events } = startEngine({
      servers: { source: pair.source, target: pair.target },
      reach: { source: { port: source, ...account }, target: { port: target, ...account } },
      pairs: [
        pairConfig([`${name}.*`], {
          checks: noChecks,
          verify: { ...verifyConfig, maxChunkRows: 50, parallel: 1 },
        }),
      ],
      config: { connection: { ...connection, renewMs: 200 } },
    });
    return {
      engine,
      events,
      identities: () => ['source', 'target'].map((each) => engine.server(each)?.identity),
      is: (state: string) => vi.waitFor(() => expect(engine.pair('pair')?.state).toBe(state), patient),
      states: () => events.flatMap((event) => (event.type === 'pair' ? [event.data.state] : [])),
      lags: () => events.flatMap((event) => (event.type === 'lag' ? [event.data.lagMs] : [])),
      verdicts: () =>
        events.flatMap((event) => (event.type === 'run' ? Object.keys(event.data.verdicts) : [])),
    };
  };

  test('give no lag and no match in the middle of a run', async () => {
    let servers = [pair.source, pair.target] as const;
    const [source, target] = [await forward(() => servers[0].port), await forward(() => servers[1].port)];
    const { engine, is, states, verdicts } = watch(source.port, target.port);
    await is('stopped');
    engine.startRun('pair', 'checksum', null, 'me');
    servers = [pair.target, pair.source];
    source.cut();
    target.cut();
    await is('vanished');
    expect(states()).not.toContain('in-sync');
    expect(verdicts()).not.toContain('MATCH');
  });

  const ofReplica = /SHOW (REPLICA|SLAVE|ALL SLAVES) STATUS/;

  test('give no lag before the status was read anew, by the way that there was before', async () => {
    let servers = [pair.source, pair.target] as const;
    let silent = false;
    const source = await forward(() => servers[0].port);
    const target = await endingProxy(
      () => servers[1],
      (statement) => silent && ofReplica.test(statement),
    );
    onTestFinished(() => target.close());
    const { identities, is, states, lags } = watch(source.port, target.port);
    await is('stopped');
    silent = true;
    const before = await known(identities);
    servers = [pair.target, pair.source];
    source.cut();
    target.cut();
    await vi.waitFor(() => expect(identities()).toEqual(before.toReversed()), patient);
    const measured = lags().length;
    await vi.waitFor(() => expect(lags().length).toBeGreaterThan(measured + 8), patient);
    expect(states()).not.toContain('in-sync');
    expect(lags().slice(measured)).not.toContain(0);
    silent = false;
    await is('vanished');
    expect(states()).not.toContain('in-sync');
  });

  test('give no lag though the status of before was read ahead of the first look at the target', async () => {
    let servers = [pair.source, pair.target] as const;
    const unasked = { positions: true, status: false };
    const source = await forward(() => servers[0].port);
    const target = await endingProxy(
      () => servers[1],
      (statement) =>
        (unasked.positions && /@@global\.gtid_/.test(statement)) ||
        (unasked.status && ofReplica.test(statement)),
    );
    onTestFinished(() => target.close());
    const { identities, is, states, lags } = watch(source.port, target.port);
    await is('stopped');
    Object.assign(unasked, { positions: false, status: true });
    const before = await known(identities);
    servers = [pair.target, pair.source];
    source.cut();
    target.cut();
    await vi.waitFor(() => expect(identities()).toEqual(before.toReversed()), patient);
    const measured = lags().length;
    await vi.waitFor(() => expect(lags().length).toBeGreaterThan(measured + 8), patient);
    expect(lags()).not.toContain(0);
    unasked.status = false;
    await is('vanished');
    expect(states()).not.toContain('in-sync');
  });

  test.runIf(flavour === 'mysql')(
    'give no lag by a status that is told when the server has changed',
    async () => {
      let servers = [pair.source, pair.target] as const;
      const uuids = await Promise.all(servers.map((server) => server.query('SELECT @@server_uuid AS uuid')));
      let swapped = false;
      const source = await forward(() => servers[0].port);
      // The account's own name is asked for when a status was read, to tell what of it may not be read.
      const target = await endingProxy(
        () => servers[1],
        (statement) => {
          if (swapped) return ofReplica.test(statement);
          swapped = statement.includes('CURRENT_USER()');
          if (!swapped) return false;
          servers = [pair.target, pair.source];
          source.cut();
          target.cut();
          return true;
        },
      );
      onTestFinished(() => target.close());
      const { identities, states, lags } = watch(source.port, target.port);
      const after = uuids.map(([row]) => String(row?.['uuid'])).toReversed();
      await vi.waitFor(
        () => expect({ swapped, is: identities() }).toEqual({ swapped: true, is: after }),
        patient,
      );
      const measured = lags().length;
      await vi.waitFor(() => expect(lags().length).toBeGreaterThan(measured + 8), patient);
      expect(lags()).not.toContain(0);
      expect(states()).not.toContain('in-sync');
    },
  );

  test('give no match where the target led to its source for a part of the table', async () => {
    let leads: ServerHandle = pair.target;
    let moves = 0;
    const target = await endingProxy(
      () => leads,
      (statement) => {
        // Chunk by chunk, from before all that differs until it lies behind.
        const from = Number(/FROM `\w+`\.`u`[^]* `id` > (\d+)/.exec(statement)?.[1] ?? 0);
        if (from < [1000, 3000, Infinity][moves]!) return false;
        leads = moves++ === 0 ? pair.source : pair.target;
        target.cut();
        return true;
      },
    );
    onTestFinished(() => target.close());
    const { engine, is } = watch(pair.source.port, target.port);
    await is('stopped');
    const { id } = engine.startRun('pair', 'checksum', [`${name}.u`], 'me');
    await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
    expect({ moves, verdicts: engine.run(id)?.verdicts }).toEqual({ moves: 2, verdicts: { UNVERIFIED: 1 } });
  });
});
