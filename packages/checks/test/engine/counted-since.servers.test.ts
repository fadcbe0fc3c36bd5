import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import type { CheckKind } from '../../src/model/verdict.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('rows that were missing, and counted again since, are no match until their content is compared', async () => {
    const { source, target, name, sql, caughtUp } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY, v INT)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1, 1), (2, 2)`);
    await caughtUp();
    const { engine } = startEngine({
      servers: { source, target },
      pairs: [pairConfig([`${name}.*`], { name: 'p', checks: noChecks })],
    });
    await vi.waitFor(() => expect(engine.pair('p')?.state).toBe('in-sync'), patient);
    const checked = async (check: CheckKind) => {
      const { id } = engine.startRun('p', check, null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      return engine.table('p', name, 't')?.standing;
    };
    const open = () =>
      engine
        .alerts({ states: ['firing'], pair: 'p' }, { limit: 10 })
        .items.filter(({ rule }) => rule === 'table-different');
    const here = await target.connect();
    try {
      await here.query('SET sql_log_bin = 0');
      expect(await checked('checksum')).toMatchObject({ verdict: 'MATCH' });
      await here.query(`DELETE FROM ${sql}.t WHERE id = 2`);
      expect(await checked('consistency')).toMatchObject({ verdict: 'DIFFERENT' });
      await vi.waitFor(() => expect(open()).toHaveLength(1), patient);

      await here.query(`INSERT INTO ${sql}.t VALUES (2, 3)`);
      const { verdict, reason } = (await checked('consistency')) ?? {};
      expect(verdict).toBe('UNVERIFIED');
      expect(reason).toContain('as a count found since');
      expect(await checked('checksum')).toMatchObject({ verdict: 'DIFFERENT', differences: { changed: 1 } });
      expect(open()).toHaveLength(1);

      await here.query(`UPDATE ${sql}.t SET v = 2 WHERE id = 2`);
      expect(await checked('checksum')).toMatchObject({ verdict: 'MATCH' });
      await vi.waitFor(() => expect(open()).toEqual([]), patient);
    } finally {
      await here.end();
    }
  });
});
