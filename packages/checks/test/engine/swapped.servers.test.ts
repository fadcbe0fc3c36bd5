import { createFreshSchema, type ServerHandle, startPair, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { connection, pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { plant } from '../support/verify.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('names of source and target that are swapped in the middle of a run give no lag and no match', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    const rows = Array.from({ length: 4000 }, (_, id) => `(${id}, 0)`);
    await schema.source.query(`INSERT INTO ${t} VALUES ${rows.join()}`);
    await plant(schema, `UPDATE ${t} SET v = 1 WHERE id IN (7, 3900)`);
    await stopReplica(pair.target);
    await pair.source.query(`INSERT INTO ${t} VALUES (4000, 0)`);
    const status = flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR, BINLOG MONITOR';
    for (const server of [pair.source, pair.target]) {
      await server.query('SET sql_log_bin = 0');
      await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
      await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
      await server.query(`GRANT ${status} ON *.* TO 'same'@'127.0.0.1'`);
    }
    let servers: [ServerHandle, ServerHandle] = [pair.source, pair.target];
    const account = { user: 'same', password: () => Promise.resolve('pw') };
    const [source, target] = [await forward(() => servers[0].port), await forward(() => servers[1].port)];
    const { engine, events } = startEngine({
      servers: { source: pair.source, target: pair.target },
      reach: { source: { port: source.port, ...account }, target: { port: target.port, ...account } },
      pairs: [
        pairConfig([`${schema.name}.*`], { checks: noChecks, verify: { ...verifyConfig, maxChunkRows: 50 } }),
      ],
      config: { connection: { ...connection, renewMs: 200 } },
    });
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('stopped'), patient);
    engine.startRun('pair', 'checksum', null, 'me');
    servers = [pair.target, pair.source];
    source.cut();
    target.cut();
    await vi.waitFor(() => expect(engine.pair('pair')?.state).toBe('vanished'), patient);
    const states = events.flatMap((event) => (event.type === 'pair' ? [event.data.state] : []));
    expect(states).not.toContain('in-sync');
    const verdicts = events.flatMap((event) =>
      event.type === 'run' ? Object.keys(event.data.verdicts) : [],
    );
    expect(verdicts).not.toContain('MATCH');
  });
});
