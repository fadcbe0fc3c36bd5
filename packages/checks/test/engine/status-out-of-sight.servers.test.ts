import { type Pair, startPair, startReplica, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { type RunningEngine, startEngine } from '../support/engine.ts';
import { killSessions, noChecks } from '../support/fault.ts';

const seesReplication = { mysql: 'REPLICATION CLIENT', mariadb: 'SLAVE MONITOR' };

async function change({ target }: Pick<Pair, 'target'>, verb: 'GRANT' | 'REVOKE'): Promise<void> {
  const account = `'${target.monitor.user}'@'127.0.0.1'`;
  const preposition = verb === 'GRANT' ? 'TO' : 'FROM';
  await target.query('SET sql_log_bin = 0');
  await target.query(`${verb} ${seesReplication[target.flavour]} ON *.* ${preposition} ${account}`);
  await target.query('SET sql_log_bin = 1');
  // A session keeps the rights that it began with.
  await killSessions(target);
}

function watch({ source, target }: Pair): RunningEngine {
  return startEngine({
    servers: { source, target },
    pairs: [pairConfig([], { checks: noChecks, lag: { warningMs: 1000, criticalMs: 3000, forMs: 0 } })],
    config: {
      alerts: { forMs: 0, keepFiringForMs: 0, severities: {}, unverifiedForMs: 3_600_000 },
    },
  });
}

/** The lag is known by samples younger than this call, and of the status nothing is. */
async function lagAlone({ engine, events }: RunningEngine): Promise<void> {
  await vi.waitFor(() => expect(engine.pair('pair')?.replication?.channels).toBeNull(), patient);
  const called = Date.now();
  const before = events.length;
  await vi.waitFor(() => {
    const { lag, replication } = engine.pair('pair') ?? {};
    expect(replication?.channels).toBeNull();
    expect(lag?.lagMs).not.toBeNull();
    expect(lag?.at.getTime()).toBeGreaterThan(called + 3000);
    expect(events.slice(before).filter(({ type }) => type === 'replication').length).toBeGreaterThan(3);
  }, patient);
}

function open({ engine }: RunningEngine): { rule: string; state: string; evidence: string }[] {
  const { items } = engine.alerts({ states: ['pending', 'firing'] }, { limit: 100 });
  return items.map(({ rule, state, evidence }) => ({ rule, state, evidence }));
}

describe.each(flavours)('on %s', (flavour) => {
  test('that replication is stopped stays so while nobody may see whether it runs again', async () => {
    await using pair = await startPair({ flavour });
    const running = watch(pair);
    await vi.waitFor(() => expect(running.engine.pair('pair')?.state).toBe('in-sync'), patient);
    await stopReplica(pair.target);
    const stopped = expect.objectContaining({ rule: 'replication-stopped', state: 'firing' }) as unknown;
    await vi.waitFor(() => expect(open(running)).toContainEqual(stopped), patient);
    await change(pair, 'REVOKE');
    await lagAlone(running);
    expect(open(running)).toContainEqual(stopped);
    await startReplica(pair.target);
    await change(pair, 'GRANT');
    await vi.waitFor(() => expect(open(running)).not.toContainEqual(stopped), patient);
  });

  test('a lag that was intended is none to alert of when nobody may see any more whether it is', async () => {
    await using pair = await startPair({ flavour, delaySeconds: 3600 });
    const running = watch(pair);
    await vi.waitFor(() => expect(running.engine.pair('pair')?.state).toBe('delayed'), patient);
    await pair.source.query('CREATE DATABASE late');
    await vi.waitFor(() => expect(running.engine.pair('pair')?.lag?.lagMs).toBeGreaterThan(3500), patient);
    expect(running.engine.pair('pair')?.state).toBe('delayed');
    await change(pair, 'REVOKE');
    await lagAlone(running);
    expect(running.engine.pair('pair')?.state).toBe('unknown');
    expect(open(running).map(({ rule }) => rule)).not.toContain('lag');
    await change(pair, 'GRANT');
    await vi.waitFor(() => expect(running.engine.pair('pair')?.state).toBe('delayed'), patient);
  });
});
