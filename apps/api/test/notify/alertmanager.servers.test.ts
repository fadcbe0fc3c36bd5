import type { Alert } from '@lockstep/checks';
import { type Alertmanager, findAlertmanager, startAlertmanager } from '@lockstep/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DestinationConfig } from '../../src/config/loaded.ts';
import { makeDestination } from '../../src/notify/make-destination.ts';
import { grouping, notifyByClock, over, tables } from './group-fixtures.ts';

const minute = 60_000;

const found = await findAlertmanager().catch(() => null);

interface Shown {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  generatorURL: string;
  endsAt: string;
}

describe.runIf(found)('with an Alertmanager', () => {
  let alertmanager: Alertmanager;
  beforeAll(async () => {
    alertmanager = await startAlertmanager();
  });
  afterAll(() => alertmanager[Symbol.asyncDispose]());

  /** What fires there of one pair. */
  async function firing(pair: string): Promise<Shown[]> {
    const filter = encodeURIComponent(`pair="${pair}"`);
    const response = await fetch(`${alertmanager.url}/api/v2/alerts?filter=${filter}`);
    const all = (await response.json()) as Shown[];
    return all.sort((a, b) => String(a.labels['table']).localeCompare(String(b.labels['table'])));
  }

  const named = async (pair: string) =>
    (await firing(pair)).map(({ labels }) => `${labels['table'] ?? ''} ${labels['severity'] ?? ''}`);

  async function tellIt(changes: Partial<DestinationConfig> = {}) {
    const config: DestinationConfig = {
      name: 'am',
      type: 'alertmanager',
      url: `${alertmanager.url}/`,
      minSeverity: 'INFO',
      ...changes,
    };
    const labelsOf = (pair: string | null): Record<string, string> => (pair === null ? {} : { team: 'shop' });
    return notifyByClock([makeDestination(config, labelsOf)], {
      labelsOf,
      publicUrl: 'https://ops.example.com',
      now: Date.now,
    });
  }

  const now = (alert: Alert, pair: string): Alert => ({ ...alert, pair, startedAt: new Date() });

  test('every alert is one there, with labels to route by, until it is over', async () => {
    const { change, pass, storage } = await tellIt();
    const many = tables(60).map((one) => now(one, 'p1'));
    for (const one of many) change(one);
    pass(1_000);
    await expect.poll(() => storage.waitingDeliveries()).toEqual([]);
    await expect.poll(() => firing('p1')).toHaveLength(60);
    expect((await firing('p1'))[0]).toMatchObject({
      labels: {
        alertname: 'LockstepTableDifferent',
        severity: 'critical',
        service: 'lockstep',
        pair: 'p1',
        schema: 'shop',
        table: 't01',
        team: 'shop',
      },
      annotations: { summary: 'Table is different', description: '1 rows differ' },
      generatorURL: 'https://ops.example.com/pairs/p1',
    });
    for (const one of many.slice(1)) change({ ...over(one), resolvedAt: new Date() });
    pass(1_000);
    await expect.poll(() => named('p1')).toEqual(['t01 critical']);
  });

  test('one that gets worse or milder is still one, and over as one', async () => {
    const { change, pass } = await tellIt();
    const [one] = tables(1, { severity: 'WARNING' }).map((table) => now(table, 'p2'));
    change(one!);
    pass(1_000);
    await expect.poll(() => named('p2')).toEqual(['t01 warning']);
    change({ ...one!, severity: 'CRITICAL' });
    pass(1_000);
    await expect.poll(() => named('p2')).toEqual(['t01 critical']);
    // It is told again every minute, as it is then.
    change({ ...one!, severity: 'WARNING' });
    pass(60_000);
    await expect.poll(() => named('p2')).toEqual(['t01 warning']);
    change({ ...over(one!), resolvedAt: new Date() });
    pass(1_000);
    await expect.poll(() => named('p2')).toEqual([]);
  });

  test('one that is known to somebody is told again all the same', async () => {
    const { change, pass } = await tellIt({ grouping: grouping({ by: [], repeatMs: minute }) });
    const [one] = tables(1).map((table) => now(table, 'p3'));
    change(one!);
    pass(10_000);
    await expect.poll(() => firing('p3')).toHaveLength(1);
    const [first] = await firing('p3');
    change({ ...one!, acknowledged: { by: 'anna', at: new Date(), note: '' } });
    pass(minute);
    await expect.poll(async () => (await firing('p3'))[0]?.endsAt).not.toBe(first?.endsAt);
  });

  test('a test arrives', async () => {
    const { notifier } = await tellIt();
    expect(await notifier.test('anna')).toMatchObject([{ ok: true }]);
    const response = await fetch(`${alertmanager.url}/api/v2/alerts?filter=alertname%3D%22LockstepTest%22`);
    expect(await response.json()).toHaveLength(1);
  });
});
