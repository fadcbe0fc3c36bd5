import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CheckKind } from '../../src/model/verdict.ts';
import { tempFile } from '../storage/fixtures.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const DAY = 86_400_000;

describe.each(flavours)('on %s', (flavour) => {
  test('what is found after the clock was set back takes the place of what was found before, over a restart too', async () => {
    const { source, target, name, sql, caughtUp } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await source.query(`INSERT INTO ${sql}.t VALUES (1), (2)`);
    await caughtUp();
    const pairs = [pairConfig([`${name}.*`], { name: 'p', checks: noChecks })];
    const setup = { servers: { source, target }, pairs, file: tempFile() };
    const { engine, stop } = startEngine(setup);
    await vi.waitFor(() => expect(engine.pair('p')?.state).toBe('in-sync'), patient);
    const checked = async (check: CheckKind) => {
      const { id } = engine.startRun('p', check, null, 'me');
      await vi.waitFor(() => expect(engine.run(id)?.finishedAt).toBeTruthy(), patient);
      return engine.table('p', name, 't')?.standing?.verdict;
    };
    expect(await checked('checksum')).toBe('MATCH');

    const here = await target.connect();
    onTestFinished(() => here.end());
    await here.query('SET sql_log_bin = 0');
    await here.query(`DELETE FROM ${sql}.t WHERE id = 2`);
    vi.useFakeTimers({ now: Date.now() - DAY, toFake: ['Date'], shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    expect(await checked('consistency')).toBe('DIFFERENT');
    const firing = () => engine.alerts({ states: ['firing'], pair: 'p' }, { limit: 10 }).items;
    await vi.waitFor(() => expect(firing().map(({ rule }) => rule)).toContain('table-different'), patient);

    await stop();
    const again = startEngine(setup).engine;
    expect(again.table('p', name, 't')?.standing?.verdict).toBe('DIFFERENT');
  });
});
