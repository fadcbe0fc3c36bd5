import {
  type Alert,
  type CheckKind,
  type Engine,
  EngineRequestError,
  type GroupState,
  type LagBucket,
  type PageRequest,
  type PairState,
  type Publish,
  type ResultLine,
  type RowDifference,
  type Run,
  type RunState,
  type ScheduleState,
  type SilenceState,
} from '@lockstep/checks';
import { FixtureEngine, pageOf, run, silence } from '@lockstep/fixture';
import { lagWave } from './lag-wave.ts';
import { ago } from './seed.ts';

/** The other news comes less often than lag samples. */
const othersEvery = 5;

/**
 * The fixture's engine, empty, made to look alive: what is so keeps being measured, and what a person asks for on the
 * page is done, in memory.
 */
export class SceneEngine extends FixtureEngine {
  scheduleList: ScheduleState[] = [];
  /** By `schema.table`, whatever the check. */
  rowsOf = new Map<string, RowDifference[]>();
  readonly #publish: Publish;
  #beats = 0;

  constructor(publish: Publish) {
    super();
    this.#publish = publish;
    this.pairStates = [];
    this.serverStates = [];
    this.tableStates = [];
    this.own = { ...this.own, evidence: 'every pair is sampled', startedAt: ago(300) };
  }

  override schedules = () => this.scheduleList;
  override lagHistory: Engine['lagHistory'] = (pair, range): LagBucket[] => lagWave(this.#pair(pair), range);
  override events: Engine['events'] = (pair, { from, to }) =>
    this.eventList.filter((event) => event.pair === pair && event.at >= from && event.at <= to);
  override runs: Engine['runs'] = ({ pair, check }, page) =>
    pageOf(
      this.runList.filter((each) => (!pair || each.pair === pair) && (!check || each.check === check)),
      page,
    );
  override differences = (_pair: string, _check: string, schema: string, table: string, page: PageRequest) =>
    pageOf(this.rowsOf.get(`${schema}.${table}`) ?? [], page);

  override tableHistory: Engine['tableHistory'] = (pair, check, schema, table, page) =>
    pageOf(this.#said(pair, check, schema, table), page);
  override verdictSince: Engine['verdictSince'] = (...of) => {
    const [latest, ...earlier] = this.#said(...of);
    const before = earlier.find(({ verdict }) => verdict !== latest?.verdict) ?? null;
    const first = before ? latest : earlier.at(-1);
    return first ? { since: first.finishedAt, before } : null;
  };

  /** Measures everything anew, with the same outcome. */
  beat(): void {
    const at = new Date();
    const others = this.#beats++ % othersEvery === 0;
    for (const state of this.pairStates) {
      const { name: pair, lag, heartbeat, replication } = state;
      if (lag) this.#publish({ type: 'lag', pair, data: (state.lag = { ...lag, at }) });
      if (!others) continue;
      if (heartbeat) {
        this.#publish({ type: 'heartbeat', pair, data: (state.heartbeat = { ...heartbeat, at }) });
      }
      if (replication) {
        this.#publish({ type: 'replication', pair, data: (state.replication = { ...replication, at }) });
      }
    }
    if (!others) return;
    for (const server of this.serverStates) {
      if (server.connection !== 'connected') continue;
      server.lastContact = at;
      this.#publish({ type: 'server', pair: null, data: server });
    }
  }

  override startRun: Engine['startRun'] = (pair, check, only) => {
    const started = run(`run-${this.runList.length + 1}`, { pair, check, only, startedAt: new Date() });
    this.runList.unshift(started);
    return this.#tellRun(started);
  };
  override cancelRun = (id: string) => this.#changeRun(id, 'cancelled');
  override pauseRun = (id: string) => this.#changeRun(id, 'paused');
  override resumeRun = (id: string) => this.#changeRun(id, 'running');
  override pausePair = (name: string) => this.#pausePair(name, true);
  override resumePair = (name: string) => this.#pausePair(name, false);
  override acceptGroupSize = (id: string, size: number) => this.#acceptGroupSize(id, size);
  override acknowledgeAlert = (id: string, by: string, note: string) =>
    this.#changeAlert(id, { acknowledged: { by, at: new Date(), note } });
  override unacknowledgeAlert = (id: string) => this.#changeAlert(id, { acknowledged: null });
  override createSilence: Engine['createSilence'] = (wanted, by) => {
    const from = wanted.from ?? new Date();
    const later = from > new Date() || wanted.recurrence !== null;
    const made = silence(`silence-${this.silenceList.length + 1}`, {
      ...wanted,
      by,
      from,
      createdAt: new Date(),
      state: later ? 'scheduled' : 'active',
      activeUntil: later ? null : wanted.until,
      nextFrom: later ? from : null,
    });
    this.silenceList.push(made);
    return this.#changeSilence(made.id, {});
  };
  override endSilence = (id: string, by: string) =>
    this.#changeSilence(id, { state: 'ended', endedBy: by, activeUntil: null, nextFrom: null });
  override restoreSilence = (id: string) =>
    this.#changeSilence(id, {
      state: 'active',
      endedBy: null,
      activeUntil: new Date(Date.now() + 3_600_000),
    });
  override silenceAlert = (id: string, _by: string, until: Date | null) =>
    this.#changeAlert(id, { silencedUntil: until });

  #changeRun(id: string, state: RunState): Run {
    const changed = found(this.runList, (each) => each.id === id);
    changed.state = state;
    changed.evidence = `${state} by you`;
    if (state === 'cancelled') changed.finishedAt = new Date();
    return this.#tellRun(changed);
  }

  #tellRun(data: Run): Run {
    this.#publish({ type: 'run', pair: data.pair, data });
    return data;
  }

  #pausePair(name: string, paused: boolean): PairState {
    const state = Object.assign(this.#pair(name), { paused });
    this.#publish({ type: 'pair', pair: name, data: state });
    return state;
  }

  #acceptGroupSize(id: string, size: number): GroupState {
    const group = this.groupStates.find((group) => group.id === id);
    if (!group) throw new EngineRequestError('NOT_FOUND', `no cluster has the id ${id}`);
    const evidence = `cluster ${group.name} has all its ${size} members`;
    const data = Object.assign(group, { largest: size, state: 'whole' as const, evidence });
    this.#publish({ type: 'group', pair: null, data });
    return data;
  }

  #changeAlert(id: string, change: Partial<Alert>): Alert {
    const alert = Object.assign(
      found(this.alertList, (each) => each.id === id),
      change,
    );
    this.#publish({ type: 'alert', pair: alert.pair, data: alert });
    return alert;
  }

  #changeSilence(id: string, change: Partial<SilenceState>): SilenceState {
    const index = this.silenceList.indexOf(found(this.silenceList, (each) => each.id === id));
    const changed = { ...found(this.silenceList, (each) => each.id === id), ...change };
    this.silenceList[index] = changed;
    this.#publish({ type: 'silence', pair: null, data: changed });
    return changed;
  }

  /** What the table is now, after two runs in which it matched. */
  #said(pair: string, check: CheckKind, schema: string, table: string): ResultLine[] {
    const latest = this.table(pair, schema, table)?.[check];
    if (!latest) return [];
    const { runId, finishedAt, verdict, reason } = latest;
    return [
      { runId, finishedAt, verdict, reason },
      ...[1, 2].map((hours) => ({
        runId: `${runId}-${hours}`,
        finishedAt: new Date(finishedAt.getTime() - hours * 3_600_000),
        verdict: 'MATCH' as const,
        reason: '80,000 rows compared, all the same',
      })),
    ];
  }

  #pair(name: string): PairState {
    return found(this.pairStates, (each) => each.name === name);
  }
}

function found<T>(items: T[], is: (item: T) => boolean): T {
  const item = items.find(is);
  if (!item) throw new EngineRequestError('NOT_FOUND', 'This scene has nothing of that name.');
  return item;
}
