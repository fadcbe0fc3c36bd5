import type { ServerHandle } from '@lockstep/servers';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { expect, onTestFinished, vi } from 'vitest';
import type { EngineConfig, PairConfig } from '../../src/config.ts';
import type { Engine } from '../../src/engine-api.ts';
import type { Alert, AlertRule } from '../../src/model/alert.ts';
import type { PairStateName } from '../../src/model/pair.ts';
import { connection, pairConfig } from './config.ts';
import { type EngineSetup, startEngine } from './engine.ts';

export interface FaultWatch {
  engine: Engine;
  /** Waits until samples younger than this call prove that every pair is in sync, and nothing lasts. */
  healthy: () => Promise<void>;
  /** Waits until no alert is open but those that are over. */
  nothingLasts: () => Promise<void>;
  /** One fault from its beginning to its end; see `Fault`. */
  lives: (fault: Fault) => Promise<void>;
}

/** What is done to the servers, and what a person then sees. */
export interface Fault {
  happens: () => unknown;
  /** Of the pair, while the fault lasts; `in-sync` for what does not touch replication. */
  state: PairStateName;
  /** The sentence that tells it: the state's, an event's and the alert's. */
  evidence: RegExp;
  /** Where the state's own sentence is not the pair's but, for instance, a server's. */
  shown?: (engine: Engine) => unknown;
  alert: AlertRule;
  /** Whatever else is to be seen meanwhile. */
  meanwhile?: (engine: Engine) => unknown;
  ends: () => unknown;
}

export type FaultSetup = Pick<EngineSetup, 'servers' | 'reach'> & {
  pair?: Partial<PairConfig>;
  /** Beside the one that the fault is about. */
  others?: PairConfig[];
  config?: Partial<EngineConfig>;
  /** For a fault that is a silence: how long a server is given to answer. */
  silentAfterMs?: number;
};

export const noChecks = {
  checksum: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'rows' },
  consistency: { enabled: false, schedule: { everyMs: 3_600_000 }, method: 'count' },
} as const;

/**
 * The whole engine over one healthy pair, without checks, ready for a fault; stopped when the test ends. An engine for
 * each fault, since one that comes back again and again is called flapping.
 */
export function watchForFaults(setup: FaultSetup): FaultWatch & AsyncDisposable {
  const { servers, reach = {}, pair, others = [], config, silentAfterMs = unhurriedMs } = setup;
  const { engine, stop } = startEngine({
    servers,
    reach,
    pairs: [
      pairConfig([], {
        lag: { warningMs: 300, criticalMs: 3_600_000, forMs: 0 },
        checks: noChecks,
        ...pair,
      }),
      ...others,
    ],
    config: {
      lag: { sampleIntervalMs: 100, statusIntervalMs: 250, timeoutMs: silentAfterMs },
      connection: { ...connection, connectTimeoutMs: silentAfterMs, healthIntervalMs: 1000 },
      alerts: { forMs: 0, keepFiringForMs: 0, severities: {}, unverifiedForMs: 3_600_000 },
      ...config,
    },
  });
  const alerts = () => engine.alerts({ states: ['pending', 'firing'] }, { limit: 100 }).items.filter(lasts);

  const expectNothing = () => expect(alerts().map(({ rule, evidence }) => ({ rule, evidence }))).toEqual([]);

  const healthy = async () => {
    const called = Date.now();
    await vi.waitFor(() => {
      for (const pair of engine.pairs()) {
        expect(pair).toMatchObject({ state: 'in-sync', lag: { lagMs: 0 } });
        const { at, uncertaintyMs } = pair.lag ?? {};
        expect((at?.getTime() ?? 0) - (uncertaintyMs ?? Infinity)).toBeGreaterThan(called);
      }
      expectNothing();
    }, patient);
  };

  const lives = async ({ happens, state, evidence, alert, shown, meanwhile, ends }: Fault) => {
    await healthy();
    const from = new Date();
    let over = false;
    // Whatever becomes of the test: what is behind it needs its servers too.
    onTestFinished(async () => {
      if (!over) await Promise.resolve(ends()).catch(() => undefined);
    });
    await happens();
    await vi.waitFor(() => {
      expect(engine.pair('pair')?.state).toBe(state);
      expect(shown ? shown(engine) : engine.pair('pair')?.evidence).toMatch(evidence);
    }, patient);
    await vi.waitFor(() => {
      expect(alerts()).toContainEqual(
        expect.objectContaining({
          rule: alert,
          state: 'firing',
          evidence: expect.stringMatching(evidence) as string,
        }),
      );
      const events = engine.events('pair', { from, to: new Date() }).map(({ message }) => message);
      expect(events).toContainEqual(expect.stringMatching(evidence));
    }, patient);
    await meanwhile?.(engine);
    over = true;
    await ends();
    await healthy();
    const { items } = engine.alerts({}, { limit: 100 });
    expect(items.filter((alert) => !lasts(alert)).map(({ rule }) => rule)).toContain(alert);
    await leaksNothing(servers);
  };

  return {
    engine,
    healthy,
    nothingLasts: () => vi.waitFor(expectNothing, patient),
    lives,
    async [Symbol.asyncDispose]() {
      await stop();
      await vi.waitFor(async () => {
        for (const handle of Object.values(servers)) expect(await connectionsTo(handle)).toBe(0);
      }, patient);
    },
  };
}

/**
 * Whether what an alert tells of still is so. What a busy machine has come and go is called flapping, truly, and kept
 * open for minutes after it has gone.
 */
function lasts({ state, evidence }: Alert): boolean {
  return state !== 'resolved' && !evidence.includes('(resolves once it stayed so for');
}

/** Lockstep's connections as the server counts them. */
export async function connectionsTo(handle: ServerHandle): Promise<number> {
  const schema = handle.flavour === 'mysql' ? 'performance_schema' : 'information_schema';
  const [row] = await handle.query<{ n: number }>(
    `SELECT COUNT(*) AS n FROM ${schema}.processlist WHERE user = 'lockstep'`,
  );
  return Number(row?.n);
}

/** One for samples, two for the status, the pool for checks: more were not given back. */
async function leaksNothing(servers: Record<string, ServerHandle>): Promise<void> {
  for (const handle of Object.values(servers)) {
    await vi.waitFor(
      async () => expect(await connectionsTo(handle)).toBeLessThanOrEqual(3 + connection.poolSize),
      patient,
    );
  }
}

/** Ends Lockstep's sessions on a server: global privileges, for one, hold for the length of a session. */
export async function killSessions(handle: ServerHandle): Promise<void> {
  const sessions = await handle.query<{ id: number }>(
    `SELECT id FROM information_schema.processlist WHERE user = 'lockstep'`,
  );
  for (const { id } of sessions) await handle.query('KILL ?', [id]).catch(() => undefined);
}

/**
 * The same on a server that lets Lockstep in no more, until Lockstep has found that out: a session may be on its way in
 * while the others are ended.
 */
export async function shutOut(engine: Engine, server: string, handle: ServerHandle): Promise<void> {
  await vi.waitFor(async () => {
    await killSessions(handle);
    expect(engine.server(server)?.connection).not.toBe('connected');
  }, patient);
}
