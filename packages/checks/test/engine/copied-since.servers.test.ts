import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFreshSchema, startPair, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connection, pairConfig, verifyConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';
import { forward } from '../support/forward.ts';
import { plant } from '../support/verify.ts';

// On MariaDB, what is copied has another number, port or folder, or else none that a test could give it.
test('what was compared with a target says nothing of a copy of it, uuid and all, to which its name moved, nor what was found before in the same run', async () => {
  await using pair = await startPair({ flavour: 'mysql' });
  const { source, target } = pair;
  await using copy = await startServer({ flavour: 'mysql', serverId: target.serverId });
  const schema = await createFreshSchema(pair);
  const rows = Array.from({ length: 3000 }, (_, id) => `(${id}, 0)`).join();
  await copy.query(`CREATE DATABASE ${schema.sql}`);
  for (const table of ['a', 'b']) {
    for (const statement of [
      `CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`,
      `INSERT INTO ${schema.sql}.${table} VALUES ${rows}`,
    ]) {
      await source.query(statement);
      await copy.query(statement);
    }
  }
  await plant({ ...schema, target: copy }, `UPDATE ${schema.sql}.a SET v = 1 WHERE id = 7`);
  await schema.caughtUp();
  await copy.stop();
  await cp(join(target.dataDir, 'auto.cnf'), join(copy.dataDir, 'auto.cnf'));
  await copy.start();
  for (const server of [target, copy]) {
    await server.query('SET sql_log_bin = 0');
    await server.query(`CREATE USER 'same'@'127.0.0.1' IDENTIFIED BY 'pw'`);
    await server.query(`GRANT SELECT ON ${schema.sql}.* TO 'same'@'127.0.0.1'`);
    await server.query(`GRANT REPLICATION CLIENT ON *.* TO 'same'@'127.0.0.1'`);
  }
  let leads = target.port;
  const name = await forward(() => leads);
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'lockstep.db');
  const watch = () =>
    startEngine({
      servers: { source, target },
      reach: { target: { port: name.port, user: 'same', password: () => Promise.resolve('pw') } },
      pairs: [
        pairConfig([`${schema.name}.*`], {
          checks: noChecks,
          verify: { ...verifyConfig, maxChunkRows: 50, parallel: 1 },
        }),
      ],
      config: { connection: { ...connection, renewMs: 500 } },
      file,
    });
  const verdicts = ({ engine }: RunningEngine) =>
    engine.tables('pair').map(({ checksum }) => checksum?.verdict);
  const begin = ({ engine }: RunningEngine) => engine.startRun('pair', 'checksum', null, 'me').id;
  const over = ({ engine }: RunningEngine, id: string) =>
    vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);

  let running = watch();
  await vi.waitFor(() => expect(running.engine.pair('pair')?.state).toBe('in-sync'), patient);
  await over(running, begin(running));
  expect(verdicts(running)).toEqual(['MATCH', 'MATCH']);

  const id = begin(running);
  await vi.waitFor(() => expect(running.engine.run(id)?.progress.tablesDone).toBe(1), patient);
  leads = copy.port;
  name.cut();
  await over(running, id);
  expect(running.engine.run(id)?.state).toBe('failed');
  await vi.waitFor(() => expect(verdicts(running)).toEqual(['UNVERIFIED', 'UNVERIFIED']), patient);
  const [a] = running.engine.tables('pair');
  expect(a?.checksum?.reason).toMatch(
    /^to be verified again, it was compared with another server: the target /,
  );

  // Nor does one that was started since take it for today's; and what was compared with the copy holds for it.
  await running.stop();
  running = watch();
  await vi.waitFor(() => expect(running.engine.server('target')?.connection).toBe('connected'), patient);
  await vi.waitFor(() => expect(verdicts(running)).toEqual(['UNVERIFIED', 'UNVERIFIED']), patient);
  await over(running, begin(running));
  expect(verdicts(running)[1]).toBe('MATCH');
  await running.stop();
  running = watch();
  await vi.waitFor(() => expect(running.engine.server('target')?.connection).toBe('connected'), patient);
  expect(verdicts(running)[1]).toBe('MATCH');
});
