import {
  createFreshSchema,
  forgetSource,
  replicate,
  type ServerHandle,
  startPair,
  startReplica,
  stopReplica,
} from '@lockstep/servers';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { type RepairText, repairText } from '../../src/verify/repair/repair-text.ts';
import { connect } from '../support/connect.ts';
import { plant, verify } from '../support/verify.ts';

/** As a client does that goes on after an error: what the server said. */
async function run(server: ServerHandle, { preamble, statements, afterwards = [] }: RepairText) {
  const connection = await server.connect();
  const errors: string[] = [];
  for (const statement of [...preamble, ...statements, ...afterwards]) {
    await connection.query(statement).catch((error: Error) => errors.push(error.message));
  }
  await connection.end();
  return errors;
}

test.each(flavours)(
  'a repair for a replica of %s writes there alone, into no history, and only while it replicates as it did',
  async (flavour) => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = `${schema.sql}.t`;
    await schema.source.query(`CREATE TABLE ${t} (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(`INSERT INTO ${t} VALUES (1, 1), (2, 2)`);
    await plant(schema, `DELETE FROM ${t} WHERE id = 1`, `INSERT INTO ${t} VALUES (3, 3)`);
    const found = (await verify(schema)).of('t');
    const { source, target } = await connect({ source: schema.source, target: schema.target });
    const repair = await repairText({
      source: source!,
      target: target!,
      name: { schema: schema.name, table: 't' },
      rows: found.rows,
      total: 2,
      override: { ignoreColumns: [], maskColumns: [], where: null },
      query: {},
    });
    const rows = (server: ServerHandle) => server.query(`SELECT id FROM ${t} ORDER BY id`);
    const history = (server: ServerHandle) =>
      server.query(`SELECT @@global.${flavour === 'mysql' ? 'gtid_executed' : 'gtid_binlog_pos'} AS at`);

    expect(await run(schema.source, repair)).toContainEqual(
      expect.stringContaining('this server is not target'),
    );
    expect(await rows(schema.source)).toEqual([{ id: 1 }, { id: 2 }]);

    // Taken out of replication it may be anybody's source by now.
    if (flavour === 'mysql') await forgetSource(schema.target);
    else await stopReplica(schema.target);
    expect(await run(schema.target, repair)).toContainEqual(
      expect.stringContaining('target does not replicate any more as it did'),
    );
    expect(await rows(schema.target)).toEqual([{ id: 2 }, { id: 3 }]);
    if (flavour === 'mysql') await replicate(schema.target, schema.source);
    else await startReplica(schema.target);
    await schema.caughtUp();

    const before = await history(schema.target);
    expect(await run(schema.target, repair)).toEqual([]);
    expect(await rows(schema.target)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await history(schema.target)).toEqual(before);
    expect((await verify(schema)).of('t').verdict).toBe('MATCH');
  },
);
