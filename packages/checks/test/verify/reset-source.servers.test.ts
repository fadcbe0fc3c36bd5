import { createFreshSchema, startPair, stopReplica } from '@lockstep/servers';
import { inVainMs } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test } from 'vitest';
import { checkOnce } from '../support/check-once.ts';

test.each(
  flavours.flatMap((flavour) => [
    { flavour, gtid: true },
    { flavour, gtid: false },
  ]),
)(
  'what was on its way when the source’s history was reset is unverified ($flavour, by GTID: $gtid)',
  async ({ flavour, gtid }) => {
    await using pair = await startPair({ flavour, gtid });
    const schema = await createFreshSchema(pair);
    const { source, target, sql } = schema;
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 1), (2, 1)`);
    await schema.caughtUp();
    await stopReplica(target, 'sql');
    await source.query(`UPDATE ${sql}.t SET v = 2 WHERE id = 2`);
    await source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    expect(await checkOnce(schema, { waitMs: inVainMs })).toMatchObject([
      {
        verdict: 'UNVERIFIED',
        reason: expect.stringMatching(/source does not (have|show) .* which target has/) as string,
      },
    ]);
  },
);
