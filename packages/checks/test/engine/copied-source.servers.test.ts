import {
  caughtUp,
  createFreshSchema,
  forgetSource,
  replicate,
  startPair,
  startServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { connection, pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { ofOneName, takeNumbers } from '../support/of-one-name.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a target that follows a copy of its source by the numbers that the other one gave is not in sync', async () => {
    await using pair = await startPair({ flavour });
    const { source, target } = pair;
    await using copy = await startServer({ flavour, serverId: source.serverId });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY)`);
    await schema.caughtUp();
    const ports = [await ofOneName(source, source, 'one'), await ofOneName(copy, source, 'other')];
    await copy.query('SET sql_log_bin = 0');
    await copy.query(`CREATE DATABASE ${schema.sql}`);
    await copy.query(`CREATE TABLE ${t} (id INT PRIMARY KEY)`);
    await takeNumbers(copy, source);
    const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    for (const server of [source, copy]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
      await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
      await server.query('SET sql_log_bin = 1');
    }
    // One that is up for a moment only may be the other, started again.
    await vi.waitFor(async () => {
      const [told] = await copy.query("SHOW GLOBAL STATUS LIKE 'Uptime'");
      expect(Number(told?.['Value'])).toBeGreaterThan(4);
    }, patient);

    let leads = ports[0]!;
    const name = await forward(() => leads);
    const { engine, events } = startEngine({
      servers: { source, target },
      reach: { source: { port: name.port, user: 'same', password: () => Promise.resolve('pw') } },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
      config: { connection: { ...connection, renewMs: 60_000 } },
    });
    const is = (state: string) => vi.waitFor(() => expect(engine.pair('pair')?.state).toBe(state), patient);
    await is('in-sync');
    await source.query(`INSERT INTO ${t} VALUES (1)`);
    await source.query(`INSERT INTO ${t} VALUES (2)`);
    await schema.caughtUp();
    for (const id of [3, 4, 5, 6]) await copy.query(`INSERT INTO ${t} VALUES (${id})`);
    leads = ports[1]!;
    name.cut();
    await vi.waitFor(() => expect(engine.server('source')?.copied).toBeTruthy(), patient);
    const from = events.length;
    await forgetSource(target);
    await replicate(target, copy);
    await caughtUp(copy, target);
    expect(await target.query(`SELECT id FROM ${t}`)).toEqual([1, 2, 5, 6].map((id) => ({ id })));

    const measured = () => events.slice(from).flatMap((event) => (event.type === 'lag' ? [event.data] : []));
    const looks = measured().length;
    await vi.waitFor(() => expect(measured().length).toBeGreaterThan(looks + 20), patient);
    await is('unknown');
    expect(engine.pair('pair')?.evidence).toContain('a copy that ran beside it');
    expect(measured().map(({ lagMs }) => lagMs)).not.toContain(0);

    const over = async () => {
      const { id } = engine.startRun('pair', 'checksum', null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      return engine.run(id)?.verdicts;
    };
    expect(await over()).not.toEqual({ MATCH: 1 });
    await is('unknown');
    await target.query('SET sql_log_bin = 0');
    await target.query(`DELETE FROM ${t} WHERE id < 3`);
    await target.query(`INSERT INTO ${t} VALUES (3), (4)`);
    expect(await over()).toEqual({ MATCH: 1 });
    await is('in-sync');
  });
});
