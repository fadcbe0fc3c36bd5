import { createFreshSchema, type FreshSchema, startPair } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';
import { plant, verify, type VerifyOptions } from '../support/verify.ts';

const options = ['--binlog-format=MIXED'];
const changed = { verdict: 'DIFFERENT', differences: { missing: 0, surplus: 0, changed: 1 } };

/** A table in which the target lacks a step of the first row's. */
async function lacking(schema: FreshSchema, rows: number, engine = 'InnoDB'): Promise<string> {
  const t = `${schema.sql}.t`;
  const key = engine === 'MEMORY' ? 'PRIMARY KEY USING HASH (id)' : 'PRIMARY KEY (id)';
  await schema.source.query(`CREATE TABLE ${t} (id INT, v INT, ${key}) ENGINE = ${engine}`);
  const values = Array.from({ length: rows }, (_, i) => `(${i + 1}, 1)`);
  await schema.source.query(`INSERT INTO ${t} VALUES ${values.join()}`);
  await plant(schema, `UPDATE ${t} SET v = v - 1 WHERE id = 1`);
  return t;
}

const isDigest = (statement: string) => statement.startsWith('SELECT COUNT(*)');

/** What is to happen when the source was asked for the n-th digest, and the target is about to be. */
function betweenSides(happens: (n: number) => Promise<void>): Pick<VerifyOptions, 'before' | 'after'> {
  let asked = 0;
  const told: PromiseWithResolvers<void>[] = [];
  const ofSource = (n: number) => (told[n] ??= Promise.withResolvers<void>());
  let answered = 0;
  return {
    before: async (side, statement) => {
      if (side !== 'target' || !isDigest(statement)) return;
      const n = asked++;
      await ofSource(n).promise;
      await happens(n);
    },
    after: (side, statement) => {
      if (side === 'source' && isDigest(statement)) ofSource(answered++).resolve();
      return Promise.resolve();
    },
  };
}

describe.each(flavours)('on %s, where statements are sent, what lacks a step is not the same', (flavour) => {
  test.each([
    ['among many rows of which it alone is written', 1500, 'InnoDB'],
    ['in a table whose key has no order', 10, 'MEMORY'],
  ])('though the target shows what its source was when that was asked: %s', async (_, rows, engine) => {
    await using pair = await startPair({ flavour, options });
    const schema = await createFreshSchema(pair);
    const t = await lacking(schema, rows, engine);
    const count = async (n: number) => {
      if (n > 0) return;
      await schema.source.query(`UPDATE ${t} SET v = v + 1 WHERE id = 1`);
      await schema.caughtUp();
    };
    const { of } = await verify(schema, betweenSides(count));
    expect(of('t'), of('t').reason).toMatchObject(changed);
  });

  test('though what looked otherwise beside it was on its way', async () => {
    await using pair = await startPair({ flavour, options });
    const schema = await createFreshSchema(pair);
    const t = await lacking(schema, 3000);
    const count = async (n: number) => {
      if (n > 1) return;
      const id = n === 0 ? 2900 : 1;
      await schema.source.query(`UPDATE ${t} SET v = v + 1 WHERE id = ${id}`);
      await schema.caughtUp();
    };
    const { of } = await verify(schema, betweenSides(count));
    expect(of('t'), of('t').reason).toMatchObject(changed);
  });

  test('though its source hides the last step while another replica is to acknowledge it', async () => {
    await using pair = await startPair({ flavour, options });
    const schema = await createFreshSchema(pair);
    const { source, target } = schema;
    const t = await lacking(schema, 10);
    await stallCommits(source, 3_600_000);
    const writer = await source.connect();
    const written = writer.query(`UPDATE ${t} SET v = v + 1 WHERE id = 1`);
    written.catch(() => undefined);
    await vi.waitFor(
      async () => expect(await target.query(`SELECT v FROM ${t} WHERE id = 1`)).toEqual([{ v: 1 }]),
      patient,
    );
    const [stalled] = await checkOnce(schema, { waitMs: inVainMs });
    expect(stalled?.verdict, stalled?.reason).toBe('UNVERIFIED');
    await letCommitsGo(source);
    await written;
    const [shown] = await checkOnce(schema);
    expect(shown, shown?.reason).toMatchObject(changed);
  });
});
