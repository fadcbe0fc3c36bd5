import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { plant, verify } from '../support/verify.ts';

/** Three rows of one content on the source, of which the target has lost one. */
async function lost(flavour: (typeof flavours)[number]) {
  const schema = await freshSchema(flavour);
  const t = `${schema.sql}.t`;
  await schema.source.query(`CREATE TABLE ${t} (n INT)`);
  await schema.source.query(`INSERT INTO ${t} VALUES (5), (5), (5)`);
  await plant(schema, `DELETE FROM ${t} LIMIT 1`);
  return { schema, t };
}

const missing = { verdict: 'DIFFERENT', differences: { missing: 1, surplus: 0, changed: 0 } };

describe.each(flavours)('on %s a row without a key that is missing is not taken for there', (flavour) => {
  test('though one that the target is about to delete makes both sides have as many when they are looked at', async () => {
    const { schema, t } = await lost(flavour);
    const { source, target } = schema;
    const holder = await target.connect();
    onTestFinished(() => holder.end());
    const deleted = Promise.withResolvers<void>();
    const looks = { source: 0, target: 0 };
    const isLook = (statement: string) => statement.startsWith('SELECT COUNT(*)');
    const { of } = await verify(schema, {
      before: async (side, statement) => {
        if (!isLook(statement) || ++looks[side] > 1) return;
        if (side === 'target') return await deleted.promise;
        await holder.query(`LOCK TABLES ${t} READ`);
        await source.query(`DELETE FROM ${t} LIMIT 1`);
        deleted.resolve();
      },
      after: async (side, statement) => {
        if (side === 'target' && isLook(statement) && looks.target === 1) await holder.query('UNLOCK TABLES');
      },
    });
    expect(of('t'), of('t').reason).toMatchObject(missing);
  });

  test('though one that comes meanwhile makes the target have as many as the source had', async () => {
    const { schema, t } = await lost(flavour);
    let lists = 0;
    const { of } = await verify(schema, {
      before: async (side, statement) => {
        if (side !== 'target' || !/FROM `\w+`\.`t`[^]*GROUP BY/.test(statement) || ++lists > 1) return;
        await schema.source.query(`INSERT INTO ${t} VALUES (5)`);
        await schema.caughtUp();
      },
    });
    expect(lists).toBeGreaterThan(1);
    // As many as that the source had.
    expect(of('t'), of('t').reason).toMatchObject({ verdict: 'UNVERIFIED' });
    const afterwards = await verify(schema);
    expect(afterwards.of('t'), afterwards.of('t').reason).toMatchObject(missing);
  });
});
