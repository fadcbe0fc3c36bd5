import { createFreshSchema, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('what replication leaves out is different, and the filter that explains it is named, in a milder alert', async () => {
    await using pair = await startPair({ flavour });
    const schema = await createFreshSchema(pair);
    const t = `${schema.name}.left`;
    if (flavour === 'mysql') {
      await pair.target.query('STOP REPLICA');
      await pair.target.query(`CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (${schema.sql}.\`left\`)`);
      await pair.target.query('START REPLICA');
    } else {
      await pair.target.query('STOP SLAVE');
      await pair.target.query(`SET GLOBAL replicate_ignore_table = '${t}'`);
      await pair.target.query('START SLAVE');
    }
    await pair.source.query(`CREATE TABLE ${schema.sql}.\`left\` (id INT PRIMARY KEY)`);
    await pair.source.query(`CREATE TABLE ${schema.sql}.t (id INT PRIMARY KEY)`);
    await pair.source.query(`INSERT INTO ${schema.sql}.t VALUES (1)`);
    await schema.caughtUp();
    const { engine } = startEngine({
      servers: { source: pair.source, target: pair.target },
      pairs: [pairConfig([`${schema.name}.*`])],
    });
    await vi.waitFor(() => {
      const left = engine.table('pair', schema.name, 'left')?.standing;
      expect(left?.verdict, left?.reason).toBe('MISSING');
      expect(left?.reason).toMatch(/; the target leaves it out: Replicate_Ignore_Table=\S+\.left$/i);
      expect(engine.table('pair', schema.name, 't')?.standing?.verdict).toBe('MATCH');
      const alerts = engine.alerts({ states: ['firing'] }, { limit: 10 }).items;
      expect(alerts.map(({ rule, severity }) => ({ rule, severity }))).toContainEqual({
        rule: 'table-missing',
        severity: 'WARNING',
      });
    }, patient);
  });
});
