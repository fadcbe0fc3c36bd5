import { createFreshSchema, type FreshSchema, startPair } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { verifyConfig } from '../support/config.ts';
import { letCommitsGo, stallCommits } from '../support/semi-sync.ts';
import { plant, verify } from '../support/verify.ts';

/** Three rows of one content on the source, of which the target has lost one. */
async function lost(schema: FreshSchema): Promise<string> {
  const t = `${schema.sql}.t`;
  await schema.source.query(`CREATE TABLE ${t} (n INT)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (5), (5), (5)`);
  await plant(schema, `DELETE FROM ${t} LIMIT 1`);
  return t;
}

const missing = { verdict: 'DIFFERENT', differences: { missing: 1, surplus: 0, changed: 0 } };

describe.each(flavours)('on %s a row without a key that is missing is not taken for there', (flavour) => {
  test.each([true, false])(
    'though one that its source sent and does not show yet makes both have as many (by GTID: %s)',
    async (gtid) => {
      await using pair = await startPair({ flavour, gtid });
      const schema = await createFreshSchema(pair);
      const { source, target } = schema;
      const t = await lost(schema);
      await stallCommits(source, 3_600_000);
      const writer = await source.connect();
      const written = writer.query(`INSERT INTO ${t} VALUES (5)`);
      written.catch(() => undefined);
      await vi.waitFor(async () => expect(await target.query(`SELECT * FROM ${t}`)).toHaveLength(3), patient);
      expect(await source.query(`SELECT * FROM ${t}`)).toHaveLength(3);
      const [stalled] = await checkOnce(schema, { waitMs: inVainMs });
      expect(stalled, stalled?.reason).toMatchObject({ verdict: 'UNVERIFIED', rows: [] });
      await letCommitsGo(source);
      await written;
      const [shown] = await checkOnce(schema);
      expect(shown, shown?.reason).toMatchObject(missing);
    },
  );

  test('though its source shows one that it has sent in the middle of a round', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const { source, target } = schema;
    const t = await lost(schema);
    // What has all of it looked at, content by content.
    await source.query(`INSERT INTO ${t} VALUES (6)`);
    await plant(schema, `DELETE FROM ${t} WHERE n = 6`);
    await stallCommits(source, 3_600_000);
    const writer = await source.connect();
    const written = writer.query(`INSERT INTO ${t} VALUES (5)`);
    written.catch(() => undefined);
    await vi.waitFor(async () => expect(await target.query(`SELECT * FROM ${t}`)).toHaveLength(3), patient);
    const { of } = await verify(schema, {
      changes: { verify: { ...verifyConfig, waitMs: inVainMs } },
      after: async (side, statement) => {
        if (side === 'target' && /FROM `\w+`\.`t`[^]*GROUP BY/.test(statement)) await letCommitsGo(source);
      },
    });
    expect(of('t').differences.missing, of('t').reason).not.toBe(1);
    await letCommitsGo(source);
    await written;
    const { verdict, differences, reason } = (await verify(schema)).of('t');
    expect([verdict, differences.missing], reason).toEqual(['DIFFERENT', 2]);
  });

  test('though one that comes and goes makes the target have as many as the source had before and after', async () => {
    const schema = await freshSchema(flavour);
    const t = await lost(schema);
    let lists = 0;
    const isFirst = (side: string, statement: string) =>
      side === 'target' && /FROM `\w+`\.`t`[^]*GROUP BY/.test(statement) && lists === 0;
    const { of } = await verify(schema, {
      before: async (side, statement) => {
        if (!isFirst(side, statement)) return;
        await schema.source.query(`INSERT INTO ${t} VALUES (5)`);
        await schema.caughtUp();
      },
      after: async (side, statement) => {
        if (!isFirst(side, statement)) return;
        lists++;
        await schema.source.query(`DELETE FROM ${t} LIMIT 1`);
        await schema.caughtUp();
      },
    });
    expect(lists).toBe(1);
    expect(of('t'), of('t').reason).toMatchObject(missing);
  });

  test('though that happens whenever the target is looked at as a whole', async () => {
    const schema = await freshSchema(flavour);
    const t = await lost(schema);
    const isLook = (statement: string) => statement.startsWith('SELECT COUNT(*)');
    const looked = Promise.withResolvers<void>();
    let looks = 0;
    const { of } = await verify(schema, {
      before: async (side, statement) => {
        if (side !== 'target' || !isLook(statement)) return;
        await looked.promise;
        await schema.source.query(`INSERT INTO ${t} VALUES (5)`);
        await schema.caughtUp();
      },
      after: async (side, statement) => {
        if (!isLook(statement)) return;
        if (side === 'source') return looked.resolve();
        looks++;
        await schema.source.query(`DELETE FROM ${t} LIMIT 1`);
        await schema.caughtUp();
      },
    });
    expect(looks).toBeGreaterThan(1);
    expect(of('t'), of('t').reason).toMatchObject(missing);
  });
});
