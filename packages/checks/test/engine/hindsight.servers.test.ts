import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MonitoringEngine } from '../../src/engine/monitoring-engine.ts';
import { silent } from '../../src/log.ts';
import { openStorage, openStorageOrGoOn } from '../../src/storage/open.ts';
import { tempFile } from '../storage/fixtures.ts';
import { pairConfig } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';

test('while pauses cannot be known no scheduled check runs; then those of pairs that nobody paused do', async () => {
  const schema = await freshSchema(flavours[0]!);
  await schema.source.query(`CREATE TABLE ${schema.sql}.items (id INT PRIMARY KEY)`);
  await schema.caughtUp();
  const include = [`${schema.name}.*`];
  const config = engineConfig({
    servers: { source: schema.source, target: schema.target },
    pairs: ['paused', 'free', 'wanted'].map((name) => pairConfig(include, { name })),
    file: tempFile(),
  });
  const earlier = openStorage(config.storage, { log: silent });
  earlier.setPaused('paused', true);
  earlier.setPaused('wanted', true);
  earlier.close();
  const other = new DatabaseSync(config.storage.file);
  onTestFinished(() => {
    if (other.isOpen) other.close();
  });
  other.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');

  const storage = openStorageOrGoOn(config.storage, { log: silent });
  const engine = new MonitoringEngine({ config, storage, publish: () => {}, log: silent });
  onTestFinished(() => engine.stop().then(() => storage.close()));
  engine.start();
  const ran = (pair: string) => storage.runs({ pair }, { limit: 10 }).items.filter((run) => run.finishedAt);
  await vi.waitFor(
    () => expect(engine.pairs().map(({ state }) => state)).toEqual(['in-sync', 'in-sync', 'in-sync']),
    patient,
  );
  await delay(4 * inVainMs);
  expect(engine.pairs().map(({ paused }) => paused)).toEqual([false, false, false]);
  expect(storage.runs({}, { limit: 1 }).total + engine.activeRuns().length).toBe(0);
  expect(
    storage.events('free', { from: new Date(0), to: new Date() }).map(({ message }) => message),
  ).toContainEqual(expect.stringContaining('whether it was paused is not known'));

  // Who says that a pair is to run is heard, whatever the history says later.
  engine.resumePair('wanted', 'ann');
  await vi.waitFor(() => expect(ran('wanted')).not.toEqual([]), patient);
  expect(ran('free')).toEqual([]);

  other.close();
  await vi.waitFor(() => expect(ran('free')).not.toEqual([]), patient);
  expect(engine.pairs().map(({ name, paused }) => [name, paused])).toEqual([
    ['paused', true],
    ['free', false],
    ['wanted', false],
  ]);
  expect(ran('paused')).toEqual([]);
  expect(engine.health().storage).toMatchObject({ ok: true, file: config.storage.file });
});
