import { flushSync } from 'svelte';
import { describe, expect, test } from 'vitest';
import type { Alert } from '#lib/api/documents/alert.ts';
import type { LagSample } from '#lib/api/documents/lag.ts';
import type { Pair } from '#lib/api/documents/pair.ts';
import type { Replication } from '#lib/api/documents/replication.ts';
import type { Run } from '#lib/api/documents/run.ts';
import { Fleet } from '#lib/live/fleet.svelte.ts';
import { LagLive } from '#lib/screens/pair/lag-live.svelte.ts';
import { toasts } from '#lib/state/toasts.svelte.ts';
import { inComponent } from './support/in-component.svelte.ts';
import { Service } from './support/service.ts';

const pair = (name: string, evidence: string, more: Partial<Pair> = {}) =>
  ({ name, evidence, lag: null, replication: null, activeRuns: [], ...more }) as unknown as Pair;
const run = (id: string, state: Run['state']) => ({ id, pair: 'shop', state }) as Run;
const alert = (id: string, state: Alert['state']) => ({ id, state, silencedUntil: null }) as Alert;
const replication = (evidence: string) => ({ pair: 'shop', evidence }) as Replication;
const sample = (lagMs: number, at = Date.now()): LagSample => ({
  pair: 'shop',
  at: new Date(at).toISOString(),
  lagMs,
  uncertaintyMs: 1,
  method: 'GTID',
  transactionsBehind: null,
  serverLagMs: null,
  evidence: '',
});

function open() {
  const service = new Service();
  const link = $state({ epoch: 1, away: false });
  const { made: fleet, end } = inComponent(() => new Fleet(service.api, link));
  const alertsAre = async (...open: Alert[]) =>
    (await service.next('AlertPage')).answer({
      alerts: { nodes: open, pageInfo: { hasNextPage: false, endCursor: null }, totalCount: open.length },
    });
  const pairsAre = async (...pairs: Pair[]) =>
    (await service.next('Fleet')).answer({
      pairs,
      servers: [{ name: 'primary' }],
      groups: [{ id: 'shop', evidence: 'older' }],
    });
  return { service, link, fleet, end, alertsAre, pairsAre };
}

describe('the fleet', () => {
  test('is as told, where an answer that was on its way meanwhile says otherwise', async () => {
    const { service, fleet, alertsAre, pairsAre } = open();
    await service.tell('Pairs', { pairs: pair('shop', 'told') });
    await service.tell('ReplicationOfPair', { replication: replication('told') });
    await service.tell('Servers', { servers: { name: 'primary', status: 'told' } });
    await service.tell('Groups', { groups: { id: 'shop', evidence: 'told' } });
    await service.tell('Alerts', { alerts: alert('over', 'RESOLVED') });
    await service.tell('Alerts', { alerts: alert('new', 'FIRING') });
    await service.tell('Runs', { runs: run('over', 'FINISHED') });
    await alertsAre(alert('over', 'FIRING'), alert('lasting', 'FIRING'));
    await pairsAre(
      pair('shop', 'older', {
        replication: replication('older'),
        activeRuns: [run('over', 'RUNNING')],
      } as Partial<Pair>),
    );
    await expect.poll(() => fleet.loaded).toBe(true);
    const shop = fleet.pairs.get('shop');
    expect(fleet.groups.get('shop')?.evidence).toBe('told');
    expect([shop?.current.evidence, shop?.replication?.evidence, shop?.runs]).toEqual(['told', 'told', []]);
    expect(fleet.servers.get('primary')).toMatchObject({ status: 'told' });
    expect([...fleet.alerts.keys()].sort()).toEqual(['lasting', 'new']);
  });

  test('has each cluster once, though it is named otherwise when another of its members is known', async () => {
    const { service, fleet, alertsAre, pairsAre } = open();
    await alertsAre();
    await pairsAre(pair('shop', ''));
    await expect.poll(() => fleet.loaded).toBe(true);
    const group = (id: string, ...servers: string[]) => ({
      groups: { id, members: servers.map((name) => ({ server: { name } })) },
    });
    await service.tell('Groups', group('shop'));
    await service.tell('Groups', group('of n2', 'n2'));
    await service.tell('Groups', group('of k1', 'k1', 'k2'));
    await service.tell('Groups', group('of n1', 'n1', 'n2'));
    await expect.poll(() => [...fleet.groups.keys()].sort()).toEqual(['of k1', 'of n1', 'shop']);
  });

  test('knows of a run that began before its pair was known', async () => {
    const { service, fleet, alertsAre, pairsAre } = open();
    await service.tell('Runs', { runs: run('just begun', 'RUNNING') });
    await alertsAre();
    await pairsAre(pair('shop', ''));
    await expect.poll(() => fleet.pairs.get('shop')?.runs.map(({ id }) => id)).toEqual(['just begun']);
  });

  test('asks anew when the link is back, whatever was never answered, and forgets what is gone', async () => {
    const { service, link, fleet, alertsAre, pairsAre } = open();
    await alertsAre(alert('gone', 'FIRING'));
    await pairsAre(pair('shop', ''), pair('gone', ''));
    await expect.poll(() => fleet.loaded).toBe(true);
    link.epoch += 1;
    flushSync();
    const hanging = await service.next('Fleet');
    await alertsAre(alert('gone', 'FIRING'));
    link.epoch += 1;
    flushSync();
    await alertsAre();
    await pairsAre(pair('shop', 'back'));
    await expect.poll(() => fleet.pairs.get('shop')?.current.evidence).toBe('back');
    expect([[...fleet.pairs.keys()], fleet.alerts.size, hanging.ended]).toEqual([['shop'], 0, true]);
  });

  test('says which pairs came and went, also while the link was lost', async () => {
    const { link, fleet, alertsAre, pairsAre } = open();
    toasts.list = [];
    await alertsAre();
    await pairsAre(pair('shop', ''), pair('gone', ''));
    await expect.poll(() => fleet.loaded).toBe(true);
    expect(toasts.list).toEqual([]);
    link.epoch += 1;
    flushSync();
    await alertsAre();
    await pairsAre(pair('shop', ''), pair('spare', ''));
    const said = 'The configuration was changed: spare is watched from now on; gone is not watched any more.';
    await expect.poll(() => toasts.list.map(({ text }) => text)).toEqual([said]);
  });

  test('keeps what is gone away, however late the news of it', async () => {
    const { service, link, fleet, alertsAre, pairsAre } = open();
    await alertsAre();
    await pairsAre(pair('shop', ''), pair('gone', ''));
    await expect.poll(() => fleet.loaded).toBe(true);
    link.epoch += 1;
    flushSync();
    await service.tell('Pairs', { pairs: pair('gone', 'late') });
    await service.tell('Servers', { servers: { name: 'gone', status: 'late' } });
    await alertsAre();
    await pairsAre(pair('shop', 'now'));
    await expect.poll(() => fleet.pairs.get('shop')?.current.evidence).toBe('now');
    await service.tell('Pairs', { pairs: pair('gone', 'later still') });
    await service.tell('Servers', { servers: { name: 'gone', status: 'later still' } });
    await service.tell('Pairs', { pairs: pair('shop', 'told') });
    await expect.poll(() => fleet.pairs.get('shop')?.current.evidence).toBe('told');
    expect([[...fleet.pairs.keys()], [...fleet.servers.keys()]]).toEqual([['shop'], ['primary']]);
  });

  test('keeps the peak of a sample that came while the last hour was on its way', async () => {
    const { service, fleet, alertsAre, pairsAre } = open();
    await alertsAre();
    await pairsAre(pair('shop', ''));
    const history = await service.next('LagOfTheHour');
    const now = Date.now();
    await service.tell('Lags', { lags: [sample(9_000, now)] });
    const minute = Math.floor(now / 60_000) * 60_000;
    const [from, to] = [minute, minute + 60_000].map((at) => new Date(at).toISOString());
    history.answer({ pairs: [{ name: 'shop', lagHistory: [{ from, to, minMs: 5, maxMs: 10 }] }] });
    const hour = () => fleet.pairs.get('shop')?.hour ?? [];
    await expect.poll(() => Math.min(...hour().map(({ min }) => min))).toBe(5);
    await expect.poll(() => Math.max(...hour().map(({ max }) => max))).toBe(9_000);
  });

  test('draws many changes at once, and none of them before its turn', async () => {
    const { service, fleet, alertsAre, pairsAre } = open();
    await alertsAre();
    await pairsAre(...Array.from({ length: 300 }, (_, i) => pair(`shard-${i}`, 'old')));
    await expect.poll(() => fleet.loaded).toBe(true);
    const seen: number[] = [];
    const { end } = inComponent(() => {
      $effect(() => {
        seen.push([...fleet.pairs.values()].filter(({ current }) => current.evidence === 'new').length);
      });
    });
    for (let i = 0; i < 300; i++) await service.tell('Pairs', { pairs: pair(`shard-${i}`, 'new') });
    await expect.poll(() => seen.at(-1)).toBe(300);
    expect(seen.length).toBeLessThan(30);
    end();
  });

  test('of a hidden page hears of alerts alone, and asks again when it is shown', async () => {
    const { service, link, fleet, alertsAre, pairsAre } = open();
    await alertsAre();
    await pairsAre(pair('shop', 'before'));
    await expect.poll(() => fleet.loaded).toBe(true);
    const listeners = service.listeners;
    link.away = true;
    flushSync();
    expect(listeners).toBeGreaterThan(1);
    expect([service.listeners, fleet.behind]).toEqual([1, true]);
    await service.tell('Alerts', { alerts: alert('meanwhile', 'FIRING') });
    await expect.poll(() => fleet.firing.map(({ id }) => id)).toEqual(['meanwhile']);
    link.away = false;
    link.epoch += 1;
    flushSync();
    expect(fleet.behind).toBe(true);
    await expect.poll(() => service.listeners).toBe(listeners);
    await alertsAre(alert('meanwhile', 'FIRING'));
    await pairsAre(pair('shop', 'after'));
    await expect.poll(() => fleet.behind).toBe(false);
    expect(fleet.pairs.get('shop')?.current.evidence).toBe('after');
  });

  test('ends what it asks and what it listens to with its component', async () => {
    const { service, end } = open();
    const questions = [await service.next('Fleet'), await service.next('AlertPage')];
    end();
    expect(questions.map(({ ended }) => ended)).toEqual([true, true]);
    expect(service.listeners).toBe(0);
  });
});

describe('the history of a lag', () => {
  function openLag() {
    const { service, link, fleet, ...rest } = open();
    const shown = $state({ ms: 60_000 });
    const live = { api: service.api, link, fleet } as ConstructorParameters<typeof LagLive>[0];
    const { made: lag, end } = inComponent(
      () =>
        new LagLive(
          live,
          () => 'shop',
          () => ({ live: true, ms: shown.ms }),
        ),
    );
    return { service, fleet, lag, shown, ...rest, end };
  }
  const maxima = (lag: LagLive) =>
    Array.from({ length: lag.series.length }, (_, i) => lag.series.at(i).max).filter((max) => max > 1);

  test('goes on with the samples that came while it was on its way', async () => {
    const { service, fleet, lag, alertsAre, pairsAre } = openLag();
    await alertsAre();
    await pairsAre(pair('shop', ''));
    await expect.poll(() => fleet.loaded).toBe(true);
    const history = await service.next('LagHistory');
    await service.tell('Lags', { lags: [sample(9_000)] });
    const [from, to] = [20_000, 10_000].map((ago) => new Date(Date.now() - ago).toISOString());
    history.answer({ pair: { lagHistory: [{ from, to, minMs: 5, maxMs: 10, avgMs: 7, samples: 3 }] } });
    await expect.poll(() => lag.loaded).toBe(true);
    expect(maxima(lag)).toEqual([10, 9_000]);
  });

  test('is of the span that is shown, and never of the one before', async () => {
    const { service, lag, shown, end } = openLag();
    const before = await service.next('LagHistory');
    shown.ms = 3_600_000;
    flushSync();
    before.answer({ pair: { lagHistory: [] } });
    const asked = await service.next('LagHistory');
    expect([before.ended, lag.loaded]).toEqual([true, false]);
    expect(Date.parse(String(asked.variables['from']))).toBeLessThan(Date.now() - 3_000_000);
    end();
    expect(asked.ended).toBe(true);
  });
});
