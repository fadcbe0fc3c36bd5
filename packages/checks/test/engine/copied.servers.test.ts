import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createFreshSchema, endingProxy, startPair, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { createConnection } from 'mysql2/promise';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { plant } from '../support/verify.ts';

// On MariaDB, what is copied has another number, port or folder, or else none that a test could give it.
test.each([
  { since: 'for long', together: false },
  { since: 'since the same moment', together: true },
])(
  'no match where a copy of the target, its uuid and port the same, up $since, answered for a part of the table',
  async ({ together }) => {
    await using pair = await startPair({ flavour: 'mysql' });
    const { source, target } = pair;
    await using copy = await startServer({ flavour: 'mysql', serverId: target.serverId });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    const rows = Array.from({ length: 4000 }, (_, id) => `(${id}, 0)`).join();
    const fill = [`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`, `INSERT INTO ${t} VALUES ${rows}`];
    for (const statement of fill) await source.query(statement);
    await copy.query(`CREATE DATABASE ${schema.sql}`);
    for (const statement of fill) await copy.query(statement);
    await plant(schema, `UPDATE ${t} SET v = 1 WHERE id BETWEEN 2000 AND 2010`);
    for (const [server, host] of [
      [target, '127.0.0.1'],
      [copy, 'localhost'],
    ] as const) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'${host}' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'${host}'`);
      await server.query(`GRANT REPLICATION CLIENT ON *.* TO 'same'@'${host}'`);
    }
    await copy.stop();
    await cp(join(target.dataDir, 'auto.cnf'), join(copy.dataDir, 'auto.cnf'));
    // As it would call itself on another host.
    const startCopy = () => copy.start({ more: [`--port=${target.port}`, '--skip-networking'] });
    if (together) {
      await target.stop();
      await Promise.all([startCopy(), target.start()]);
      await schema.caughtUp();
    } else await startCopy();
    const asked = await createConnection({ socketPath: copy.socket, user: 'same', password: 'pw' });
    onTestFinished(() => asked.destroy());
    // One that is up for a moment only may be the other, started again.
    await vi.waitFor(async () => {
      const [told] = await asked.query("SHOW STATUS LIKE 'Uptime'");
      expect(Number((told as { Value: string }[])[0]?.Value)).toBeGreaterThan(4);
    }, patient);

    let leads: number | string = target.port;
    let moves = 0;
    const name = await forward(() => leads);
    const address = await endingProxy(
      () => ({ port: name.port }) as typeof target,
      (statement) => {
        const from = Number(/FROM `\w+`\.`t`[^]* `id` > (\d+)/.exec(statement)?.[1] ?? 0);
        if (from < [1000, 3000, Infinity][moves]!) return false;
        leads = moves++ === 0 ? copy.socket : target.port;
        address.cut();
        return true;
      },
    );
    onTestFinished(() => address.close());
    const { engine } = startEngine({
      servers: { source, target },
      reach: { target: { port: address.port, user: 'same', password: () => Promise.resolve('pw') } },
      pairs: [
        pairConfig([`${schema.name}.*`], {
          checks: noChecks,
          verify: { ...verifyConfig, maxChunkRows: 50, parallel: 1 },
        }),
      ],
    });
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('in-sync'), patient);
    const { id } = engine.startRun('pair', 'checksum', null, 'me');
    await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
    expect({ moves, verdicts: engine.run(id)?.verdicts }).toEqual({ moves: 2, verdicts: { UNVERIFIED: 1 } });
  },
);
