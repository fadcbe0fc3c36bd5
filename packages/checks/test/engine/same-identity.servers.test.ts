import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createFreshSchema, replicate, startServer, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { plant } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('two replicas of one identity behind one name are told apart: neither is taken for the other', async () => {
    await using source = await startServer({ flavour });
    await using first = await startServer({ flavour });
    await using second = await startServer({ flavour, serverId: first.serverId });
    if (flavour === 'mysql') {
      await second.stop();
      await cp(join(first.dataDir, 'auto.cnf'), join(second.dataDir, 'auto.cnf'));
      await second.start();
    }
    await replicate(first, source);
    const schema = await createFreshSchema({ source, target: first });
    const t = `${schema.sql}.t`;
    await source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2)`);
    await schema.caughtUp();
    // As the first was before: the second lacks it all but the table.
    await second.query(`CREATE DATABASE ${schema.sql}`);
    await second.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    for (const node of [first, second]) {
      await node.query('SET sql_log_bin = 0');
      await node.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await node.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
      await node.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
    }
    await plant(schema, `UPDATE ${t} SET v = 3 WHERE id = 2`);
    await stopReplica(first);
    await source.query(`INSERT INTO ${t} VALUES (3, 3)`);
    let turn = 0;
    const nodes = [first, second];
    const address = await forward(() => nodes[turn++ % 2]!.port);
    const { engine, events } = startEngine({
      servers: { source, target: first },
      reach: {
        target: { port: address.port, user: 'same', password: () => Promise.resolve('pw') },
      },
      pairs: [pairConfig([`${schema.name}.*`], { checks: noChecks })],
    });
    let run = engine.startRun('pair', 'checksum', null, 'me').id;
    await vi.waitFor(() => {
      if (engine.run(run)?.state !== 'running') run = engine.startRun('pair', 'checksum', null, 'me').id;
      expect(engine.server('target')?.evidence).toMatch(
        /\(2 seen: .+\): a name that balances; name instances/,
      );
    }, patient);
    const verdicts = events.flatMap((event) =>
      event.type === 'run' ? Object.keys(event.data.verdicts) : [],
    );
    expect(verdicts).not.toContain('MATCH');
    expect(JSON.stringify(events.filter(({ type }) => type === 'pair'))).not.toContain('in-sync');
  });
});
