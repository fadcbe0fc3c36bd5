import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type OwnPair, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { AlertManager } from '../../src/alerts/alert-manager.ts';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';
import { noChecks } from '../support/fault.ts';

const pairs = 200;

let pair: OwnPair;
beforeAll(async () => {
  pair = await startPair({ flavour: flavours.includes('mysql') ? 'mysql' : 'mariadb' });
});
afterAll(() => pair.remove());

test('a fault that changes the state of 200 pairs is judged once, not 200 times', async () => {
  /** How many conditions each round of judging handed to the alerts. */
  let judged: number[] = [];
  const observing = Reflect.get(AlertManager.prototype, 'observing');
  vi.spyOn(AlertManager.prototype, 'observing').mockImplementation(function* (
    this: AlertManager,
    conditions,
    exists,
  ) {
    const round = judged;
    const index = round.push(0) - 1;
    const counted = function* () {
      for (const condition of conditions) {
        if (condition !== null) round[index] = (round[index] ?? 0) + 1;
        yield condition;
      }
    };
    yield* observing.call(this, counted(), exists);
  });
  const { engine, events } = startEngine({
    servers: { source: pair.source, target: pair.target },
    pairs: Array.from({ length: pairs }, (_, i) =>
      pairConfig([], {
        name: `p${i}`,
        checks: noChecks,
        lag: { warningMs: 5000, criticalMs: 60_000, forMs: 0 },
      }),
    ),
  });
  const all = (state: string) =>
    vi.waitFor(() => {
      expect(engine.pairs().filter((pair) => pair.state === state)).toHaveLength(pairs);
    }, patient);
  await all('in-sync');
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  judged = [];
  const before = events.length;
  const began = performance.now();
  await stopReplica(pair.target, 'sql');
  await all('stopped');
  // A machine that is busy may judge later than they go on.
  await vi.waitFor(() => expect(Math.max(...judged)).toBeGreaterThan(0), patient);
  await startReplica(pair.target, 'sql');
  await all('in-sync');
  const seconds = (performance.now() - began) / 1000;
  const calls = judged.length;
  const told = events.slice(before).filter(({ type }) => type === 'pair').length;
  delay.disable();
  console.info(
    `${pairs} pairs stopped and went on within ${seconds.toFixed(1)} s: judged ${calls} times, event loop delayed by ${(delay.max / 1e6).toFixed(0)} ms at most`,
  );
  // Once a second anyway, and a few times for what all pairs are told of; each is seen by one sample or one reading.
  expect(told).toBeGreaterThanOrEqual(2 * pairs);
  expect(calls).toBeLessThan(seconds + told / 10);
  // What is well and has no alert is not even looked at by the alerts.
  expect(judged.at(-1)).toBeLessThan(pairs * 10);
});
