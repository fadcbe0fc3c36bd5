import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FreshSchema } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cutOffIn } from '../support/at-place-in.ts';
import { pairConfig, verifyConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { plant } from '../support/verify.ts';
const rows = 4000;

/** Two tables; every row takes its time, so that a run can be cut off in the middle. */
async function slowTables(schema: FreshSchema) {
  const limit = schema.source.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await schema.source.query(`SET SESSION ${limit} = 100000`);
  for (const table of ['a', 'b']) {
    await schema.source.query(`CREATE TABLE ${schema.sql}.${table} (id INT PRIMARY KEY, v INT)`);
    await schema.source.query(
      `INSERT INTO ${schema.sql}.${table} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, i FROM n`,
    );
  }
  await plant(
    schema,
    `UPDATE ${schema.sql}.b SET v = -1 WHERE id = 3`,
    `UPDATE ${schema.sql}.b SET v = -1 WHERE id = ${rows - 3}`,
  );
  const never = { enabled: false, schedule: { everyMs: 3_600_000 } };
  return {
    servers: { source: schema.source, target: schema.target },
    pairs: [
      pairConfig([`${schema.name}.*`], {
        checks: { checksum: { ...never, method: 'rows' }, consistency: { ...never, method: 'count' } },
        verify: { ...verifyConfig, maxChunkRows: 100 },
        tables: {
          include: [`${schema.name}.*`],
          exclude: [],
          overrides: [
            { match: '*.b', ignoreColumns: [], maskColumns: [], method: null, where: 'SLEEP(0.001) = 0' },
          ],
        },
      }),
    ],
  };
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

describe.each(flavours)('on %s', (flavour) => {
  test('a run cut off by kill -9 goes on from its last finished chunk, and forgets nothing it had found', async () => {
    const schema = await freshSchema(flavour);
    const setup = await slowTables(schema);
    const [before, after] = [await folder(), await folder()];
    const first = startEngine({ ...setup, file: join(before, 'lockstep.db') });
    // What is in the file at one moment is what a process that is killed then leaves.
    const id = await cutOffIn(first, 'b', () => {
      first.storage.flush();
      cpSync(before, after, { recursive: true, force: true });
    });
    {
      using file = new DatabaseSync(join(after, 'lockstep.db'));
      const kept = file.prepare('SELECT body FROM checkpoint WHERE run_id = ?').get(id);
      expect(kept?.['body']).toContain('"table":"b"');
    }
    await rm(join(after, 'lockstep.db-lock'), { force: true });
    await first.stop();

    const second = startEngine({ ...setup, file: join(after, 'lockstep.db') });
    const restarted = new Date();
    await vi.waitFor(() => {
      expect(second.engine.run(id)).toMatchObject({
        state: 'finished',
        verdicts: { MATCH: 1, DIFFERENT: 1 },
      });
    }, patient);
    const { items } = second.engine.differences('pair', 'checksum', schema.name, 'b', { limit: 10 });
    expect(items.map(({ key }) => key['id'])).toEqual(['3', String(rows - 3)]);
    const result = second.storage.result('pair', 'checksum', schema.name, 'b');
    expect(result).toMatchObject({ rowsCompared: rows });
    // A table that is begun anew is begun after the restart.
    expect(result?.startedAt.getTime()).toBeLessThan(restarted.getTime());
    expect(second.storage.checkpoint(id)).toBeNull();
  });

  test('a run cut off by a stop begins the table anew if it was altered meanwhile', async () => {
    const schema = await freshSchema(flavour);
    const setup = await slowTables(schema);
    const file = join(await folder(), 'lockstep.db');
    const first = startEngine({ ...setup, file });
    const id = await cutOffIn(first, 'b', () => first.stop());
    await schema.source.query(`ALTER TABLE ${schema.sql}.b ADD COLUMN w INT`);
    await schema.caughtUp();
    await plant(schema, `UPDATE ${schema.sql}.b SET w = 5 WHERE id = 7`);

    const second = startEngine({ ...setup, file });
    await vi.waitFor(() => expect(second.engine.run(id)?.state).toBe('finished'), patient);
    const { items } = second.engine.differences('pair', 'checksum', schema.name, 'b', { limit: 10 });
    expect(items.map(({ key }) => key['id'])).toEqual(['3', '7', String(rows - 3)]);
  });
});
