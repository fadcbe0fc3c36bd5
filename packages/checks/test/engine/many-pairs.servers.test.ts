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
  const judged = vi.spyOn(AlertManager.prototype, 'observe');
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
  judged.mockClear();
  const before = events.length;
  const began = performance.now();
  await stopReplica(pair.target, 'sql');
  await all('stopped');
  await startReplica(pair.target, 'sql');
  await all('in-sync');
  const seconds = (performance.now() - began) / 1000;
  const calls = judged.mock.calls.length;
  const told = events.slice(before).filter(({ type }) => type === 'pair').length;
  delay.disable();
  console.info(
    `${pairs} pairs stopped and went on within ${seconds.toFixed(1)} s: judged ${calls} times, event loop delayed by ${(delay.max / 1e6).toFixed(0)} ms at most`,
  );
  // Once a second anyway, and a few times for what all pairs are told of; each is seen by one sample or one reading.
  expect(told).toBeGreaterThanOrEqual(2 * pairs);
  expect(calls).toBeLessThan(seconds + told / 10);
  const conditions = judged.mock.calls.map(([said]) => said.length);
  // What is well and has no alert is not even looked at by the alerts.
  expect(conditions.at(-1)).toBeLessThan(pairs * 10);
});
