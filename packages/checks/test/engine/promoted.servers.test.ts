import {
  caughtUp,
  createFreshSchema,
  endingProxy,
  forgetSource,
  type FreshSchema,
  replicate,
  startServer,
  type StatementProxy,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const setUps = flavours.flatMap((flavour) => [
  { flavour, gtid: true },
  { flavour, gtid: false },
]);

describe.each(setUps)(
  'a stale replica in the source’s place, on $flavour, by GTID: $gtid,',
  ({ flavour, gtid }) => {
    let servers: [TestServer, TestServer, TestServer];
    let schema: FreshSchema;
    let now: TestServer;
    let isSilent = false;
    let address: StatementProxy;
    const t = () => `${schema.sql}.t`;

    /** The source has two transactions more than the replica that is to take its place; the target has all. */
    beforeEach(async () => {
      const options =
        flavour === 'mysql' && !gtid ? ['--gtid-mode=OFF', '--enforce-gtid-consistency=OFF'] : [];
      const start = () => startServer({ flavour, options });
      servers = await Promise.all([start(), start(), start()]);
      const [source, stale, target] = servers;
      await Promise.all([replicate(target, source, { gtid }), replicate(stale, source, { gtid })]);
      schema = await createFreshSchema({ source, target });
      await source.query(`CREATE TABLE ${t()} (id INT PRIMARY KEY)`);
      await source.query(`INSERT INTO ${t()} VALUES (1)`);
      await caughtUp(source, stale);
      await forgetSource(stale);
      await source.query(`INSERT INTO ${t()} VALUES (2)`);
      await source.query(`INSERT INTO ${t()} VALUES (3)`);
      await schema.caughtUp();
      for (const server of [source, stale]) {
        await server.query('SET sql_log_bin = 0');
        await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
        await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
        const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
        await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
        await server.query('SET sql_log_bin = 1');
      }
      isSilent = false;
      now = source;
      address = await endingProxy(
        () => now,
        (statement) => isSilent && /gtid_(executed|binlog_pos)/.test(statement),
      );
    });
    afterEach(async () => {
      address.close();
      await Promise.all(servers.map((server) => server.remove()));
    });

    test('is not in sync by what the source was, and its surplus is told', async () => {
      const [source, stale, target] = servers;
      const { engine, events } = startEngine({
        servers: { source, target },
        reach: { source: { port: address.port, user: 'same', password: () => Promise.resolve('pw') } },
        pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
      });
      const pair = () => engine.pair('pair')!;
      await vi.waitFor(() => expect(pair().state).toBe('in-sync'), patient);
      isSilent = true;
      now = stale;
      address.cut();
      const { identity } = engine.server('source')!;
      await vi.waitFor(() => expect(engine.server('source')?.identity).not.toBe(identity), patient);
      // Nobody knows where the other one is.
      const from = events.length;
      const told = (type: string) => events.slice(from).filter((event) => event.type === type);
      await vi.waitFor(() => expect(told('replication').length).toBeGreaterThan(3), patient);
      const lags = events.slice(from).flatMap((event) => (event.type === 'lag' ? [event.data] : []));
      expect(lags.map(({ lagMs }) => lagMs)).not.toContain(0);
      expect(lags.map(({ evidence }) => evidence).join()).not.toContain('last known');
      expect(pair().state).toBe('unknown');
      isSilent = false;
      if (gtid) {
        const errant = () =>
          engine.alerts({ states: ['firing'] }, { limit: 10 }).items.map(({ evidence }) => evidence);
        await vi.waitFor(
          () => expect(errant().join()).toMatch(/that the source does not have: \S+[-:]5[, ]/),
          patient,
        );
      } else {
        await vi.waitFor(() => expect(pair().evidence).toContain('lies between source and target'), patient);
      }
      const { id } = engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      expect(engine.run(id)?.verdicts).toEqual(gtid ? { DIFFERENT: 1 } : { UNVERIFIED: 1 });

      // What it writes next has the numbers of what it never got.
      await stale.query(`INSERT INTO ${t()} VALUES (4)`);
      await vi.waitFor(
        () => expect(pair().state).toMatch(gtid && flavour === 'mysql' ? 'lagging' : 'unknown'),
        patient,
      );
    });
  },
);
