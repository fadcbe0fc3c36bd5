import { type OwnPair, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

let pair: OwnPair;
beforeAll(async () => {
  pair = await startPair({ flavour: 'mysql' });
});
afterAll(() => pair.remove());

test('a MySQL target whose GTIDs were reset is said to have had what it lacks, and nothing to wait for its applier, until it has it again', async () => {
  const { source, target } = pair;
  await source.query('CREATE DATABASE d');
  await using watch = watchLag({ source, target }, [
    { lag: { warningMs: 300, criticalMs: 60_000, forMs: 1000 } },
  ]);
  await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  const [had] = await target.query('SELECT @@GLOBAL.gtid_executed AS executed');
  await target.query('RESET BINARY LOGS AND GTIDS');
  await vi.waitFor(() => {
    expect(watch.sample().evidence).toMatch(/of target: it had \S+:1\S* before, and has nothing now/);
    const { state, evidence } = watch.state();
    expect(state).toBe('lagging');
    expect(evidence).toMatch(/its GTIDs were reset, or it was restored$/);
    expect(watch.status().attribution).toBe('unknown');
  }, patient);
  expect(watch.states('pair').filter(({ evidence }) => evidence.includes('wait for the applier'))).toEqual(
    [],
  );
  await target.query(`SET GLOBAL gtid_purged = '${String(had?.executed).replaceAll('\n', '')}'`);
  await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  expect(watch.sample().evidence).not.toContain('it had');
});
