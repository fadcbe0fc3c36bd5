import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MonitoringEngine } from '../../src/engine/monitoring-engine.ts';
import { silent } from '../../src/log.ts';
import type { Alert } from '../../src/model/alert.ts';
import { tempFile } from '../storage/fixtures.ts';
import { hang, hangingThread, inThread } from '../storage/in-thread.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('an alert of a table that differs stands when its pair is changed while the history cannot be read', async () => {
    const { source, target, name, sql, caughtUp } = await freshSchema(flavour);
    await source.query(`CREATE TABLE ${sql}.t (id INT PRIMARY KEY)`);
    await caughtUp();
    const file = tempFile();
    const pair = (labels: Record<string, string>) => pairConfig([`${name}.*`], { checks: noChecks, labels });
    const config = (labels = {}) =>
      engineConfig({ servers: { source, target }, pairs: [pair(labels)], file });
    const storage = await inThread(file, { program: hangingThread });
    const told: Alert[] = [];
    const engine = new MonitoringEngine({
      config: config(),
      storage,
      publish: (event) => event.type === 'alert' && told.push(event.data),
      log: silent,
    });
    onTestFinished(() => engine.stop());
    engine.start();
    const p = pair({}).name;
    await vi.waitFor(() => expect(engine.pair(p)?.state).toBe('in-sync'), patient);
    const here = await target.connect();
    onTestFinished(() => here.end());
    await here.query('SET sql_log_bin = 0');
    await here.query(`INSERT INTO ${sql}.t VALUES (1)`);
    engine.startRun(p, 'checksum', null, 'me');
    const ofTable = (state: Alert['state']) =>
      told.filter((alert) => alert.rule === 'table-different' && alert.state === state);
    await vi.waitFor(() => expect(ofTable('firing')).not.toEqual([]), patient);

    const letGo = hang(file);
    await engine.reconfigure(config({ team: 'shop' }), 'me');
    expect(engine.pair(p)?.labels).toEqual({ team: 'shop' });
    expect(engine.table(p, name, 't')?.standing?.verdict).toBe('DIFFERENT');
    // What is judged after it is judged of the pair as it is now.
    await here.query(`CREATE TABLE ${sql}.surplus (id INT PRIMARY KEY)`);
    engine.startRun(p, 'checksum', null, 'me');
    await vi.waitFor(() => expect(told.map(({ rule }) => rule)).toContain('table-missing'), patient);
    expect(ofTable('resolved')).toEqual([]);
    letGo();
  });
});
