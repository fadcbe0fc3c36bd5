import { pairConfig } from '@lockstep/fixture/pair-config';
import { populate } from './actors.ts';
import {
  type Barrier,
  checkTable,
  type ConnectionManager,
  DefinitionReader,
  LagManager,
  lagRule,
  type LagSample,
  type PairSnapshot,
  ReplicationBarrier,
  RunControl,
  type TableResult,
  Turns,
} from './engine.ts';
import { judgeLag } from './oracle/judge-lag.ts';
import { judgeState } from './oracle/judge-state.ts';
import { judgeVerdict } from './oracle/judge-verdict.ts';
import type { TrueLag } from './oracle/lag-truth.ts';
import { knownFault, type Lie } from './oracle/lie.ts';
import { type Plan, planOf } from './plan.ts';
import { Random } from './time/random.ts';
import { VirtualTime } from './time/virtual-time.ts';
import { World } from './world.ts';

/** What came of one seed. */
export interface History {
  seed: number;
  plan: Plan;
  /** What was said that was not so, and when; but for what the engine is known to get wrong today. */
  lies: string[];
  /** The names of the known faults that were met. */
  known: string[];
  results: TableResult[];
  samples: number;
  /** Of those, how many said that the lag is not known. */
  unknown: number;
  /** The states of the pair, one after the other. */
  states: string[];
  /** What was said in the end to be on the target alone; null: not known. */
  errant: string | null;
  /** All that was said and when, so that two histories can be held against each other. */
  said: string[];
}

/** No verification takes this long, whatever the world does. */
const mostMs = 3_600_000;
const runs = 2;

/** What is made otherwise than it is: to see that this is found, or to ask about one kind of world. */
export interface Changes {
  plan?: (plan: Plan) => Plan;
  barrier?: (real: Barrier) => Barrier;
  sample?: (real: LagSample) => LagSample;
  /** It is looked on for so long at least, in virtual ms. */
  watchMs?: number;
}

/** Lets a world run under the engine's watch, and verifies its table a few times. */
export async function runHistory(seed: number, changes: Changes = {}): Promise<History> {
  const random = new Random(seed);
  const planned = planOf(random, new Random(-seed));
  const plan = changes.plan?.(planned) ?? planned;
  const time = new VirtualTime(random.fork());
  const world = new World(plan, time, random.fork());
  const history: History = {
    seed,
    plan,
    lies: [],
    known: [],
    results: [],
    samples: 0,
    unknown: 0,
    states: [],
    errant: null,
    said: [],
  };
  populate(world, random.fork());
  try {
    await time.run(() => watch(world, history, changes), mostMs);
  } catch (error) {
    history.lies.push(`the history did not end: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const { source, target } = world.monitored;
  const unknown = [...source.unknown, ...target.unknown];
  if (unknown.length > 0) history.lies.push(`the world cannot answer: ${unknown[0]}`);
  return history;
}

async function watch(world: World, history: History, changes: Changes): Promise<void> {
  const { time, plan } = world;
  const { source, target } = world.monitored;
  const tell = (lie: Lie) => {
    const name = knownFault(lie, plan);
    const sentence = `${time.now.toFixed(1)} ${lie.kind}: ${lie.sentence}`;
    if (name === null) history.lies.push(sentence);
    else {
      history.known.push(name);
      history.said.push(`known: ${sentence}`);
    }
  };
  const truth: Record<'gtid' | 'file', TrueLag> = {
    gtid: world.lag.now('gtid'),
    file: world.lag.now('file'),
  };
  target.onAnswer = (sql, lane) => {
    if (lane !== 'sampler') return;
    if (sql.includes('@@global.gtid_')) truth.gtid = world.lag.now('gtid');
    if (sql.endsWith('STATUS')) truth.file = world.lag.now('file');
  };
  const { chunkRows, waitMs, warningMs } = plan;
  const pair = pairConfig(['w.*'], {
    lag: { warningMs, criticalMs: 3 * warningMs, forMs: 1000 },
    verify: { maxChunkRows: chunkRows, waitMs },
  });
  const lag = new LagManager({
    manager: { get: (name: string) => world.monitored[name as 'source'] } as unknown as ConnectionManager,
    pairs: [pair],
    config: { sampleIntervalMs: 250, statusIntervalMs: 1000, timeoutMs: 2000 },
    onLag: (told: LagSample) => {
      const sample = changes.sample?.(told) ?? told;
      history.samples++;
      if (sample.lagMs === null) history.unknown++;
      // An estimate is by either.
      const here = { ...(lag.route('pair')?.kind === 'file' ? truth.file : truth.gtid) };
      const lie = judgeLag(sample, here);
      if (lie) tell(lie);
      // The state is made of the sample right after it was told.
      queueMicrotask(() => {
        const state = { lag: sample, replication: lag.replication('pair') };
        const condition = lagRule({ config: pair, state } as PairSnapshot, sample.at);
        const tooMuchMs = plan.warningMs + plan.delayMs;
        judgeState(lag.state('pair'), condition, here, tooMuchMs).forEach(tell);
      });
    },
    onReplication: () => undefined,
    onState: (_, { state, evidence }) => {
      history.said.push(`${time.now} ${state}: ${evidence}`);
      if (state !== history.states.at(-1)) history.states.push(state);
    },
  });
  lag.start();
  await until(() => lag.route('pair') !== null);
  for (let run = 0; run < runs; run++) {
    const real = new ReplicationBarrier({
      source,
      target,
      waitMs: pair.verify.waitMs,
      settleMs: pair.verify.settleMs,
      route: () => lag.route('pair'),
    });
    const barrier = changes.barrier?.(real) ?? real;
    const control = new RunControl(pair.verify.waitMs);
    const { signal } = control;
    const from = time.now;
    const result = await checkTable(
      { schema: 'w', table: 't' },
      {
        named: true,
        pair: 'pair',
        runId: String(run),
        check: 'checksum',
        method: 'rows',
        source,
        target,
        barrier,
        verify: pair.verify,
        override: { match: '*', ignoreColumns: [], maskColumns: [], method: null, where: null },
        control,
        definitions: new DefinitionReader({ source, target, signal, company: () => false }),
        turns: new Turns(pair.verify.parallel),
        place: { leave: () => undefined, back: () => Promise.resolve() },
        cold: null,
        resume: null,
        onChunk: () => undefined,
        onFault: () => undefined,
        onCheckpoint: () => undefined,
        onDefinitions: () => undefined,
      },
    );
    if (!result) {
      tell({ kind: 'gone', sentence: 'the table was said to be gone' });
      continue;
    }
    history.results.push(result);
    history.said.push(`${time.now} ${result.verdict}: ${result.reason}`);
    judgeVerdict({ result, from, to: time.now, breaks: plan.breaks !== null }, world.divergence).forEach(
      tell,
    );
  }
  await until(() => time.now >= (changes.watchMs ?? 0));
  history.errant = lag.replication('pair')?.errant ?? null;
  lag.stop();
}

/** In virtual time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}
