import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { MaintenanceConfig, PairConfig } from '../../config.ts';
import type { Logger } from '../../log.ts';
import type { Alert } from '../../model/alert.ts';
import type { Publish } from '../../model/event.ts';
import type { AlertMatcher, NewSilence, Silence, SilenceState } from '../../model/silence.ts';
import { EngineRequestError } from '../../request-error.ts';
import type { MetricsStorage } from '../../storage/storage.ts';
import type { Clock } from '../../time/clock.ts';
import { type About, aboutAlerts } from './about.ts';
import { matcherOf, type Matches } from './matcher.ts';
import { Timetable } from './times.ts';

/** Each is held against every alert. */
const mostSilences = 500;
/** Of those that hold no more, so many can be seen and given back. */
const mostEnded = 50;
const longestNote = 1_000;

export interface SilenceBookOptions {
  pairs: readonly PairConfig[];
  maintenance: readonly MaintenanceConfig[];
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  clock: Clock;
}

interface Entry {
  silence: Silence;
  matches: Matches;
  times: Timetable;
  /** As it was told last. */
  told: SilenceState | null;
}

/** What covers an alert now: until when at least, and by which silences. */
export interface Cover {
  until: Date;
  ids: readonly string[];
}

/** All silences by matcher: what persons made, over restarts, and the maintenance of the configuration. */
export class SilenceBook {
  readonly #options: SilenceBookOptions;
  #about: (alert: Alert) => About;
  #maintenance: readonly MaintenanceConfig[];
  readonly #entries = new Map<string, Entry>();
  /** By an alert's fingerprint, which says all that it is about: the silences that fit, whenever they hold. */
  readonly #fitting = new Map<string, Entry[]>();

  constructor(options: SilenceBookOptions) {
    this.#options = options;
    this.#about = aboutAlerts(options.pairs);
    this.#maintenance = options.maintenance;
    this.recall();
  }

  /** Of what is configured as before, all that a person did to it still holds. */
  reconfigure(pairs: readonly PairConfig[], maintenance: readonly MaintenanceConfig[]): void {
    this.#about = aboutAlerts(pairs);
    this.#maintenance = maintenance;
    this.#fitting.clear();
    const wanted = new Map(maintenance.map(maintenanceSilence).map((silence) => [silence.id, silence]));
    const before = new Map<string, Silence>();
    for (const [id, entry] of this.#entries) {
      const { silence } = entry;
      const now = wanted.get(id);
      if (silence.by !== null || isDeepStrictEqual({ ...silence, ...neverEnded }, now)) continue;
      this.#entries.delete(id);
      if (now) before.set(id, silence);
      else this.#tellGone(entry);
    }
    this.recall(before);
  }

  /**
   * Takes up what the storage has of an earlier process, or, where it cannot be read just now, what was known `before`.
   * What is known already stays as it is.
   */
  recall(before: ReadonlyMap<string, Silence> = new Map()): void {
    const stored = new Map(this.#options.storage.silences().map((silence) => [silence.id, silence]));
    for (const window of this.#maintenance) {
      const silence = maintenanceSilence(window);
      if (this.#entries.has(silence.id)) continue;
      // Of what is configured only that is kept which a person did to it.
      const { skippedUntil = null, endedBy = null } = stored.get(silence.id) ?? before.get(silence.id) ?? {};
      this.#keep({ ...silence, skippedUntil, endedBy });
    }
    for (const silence of stored.values()) {
      if (silence.by !== null && !this.#entries.has(silence.id)) this.#keep(silence);
    }
  }

  /** Those that hold or will, then those that do no more, each by their beginning. */
  list(): SilenceState[] {
    const at = this.#options.clock.wall();
    const rank = ({ state }: SilenceState) => ['active', 'scheduled', 'ended'].indexOf(state);
    const since = ({ nextFrom, from }: SilenceState) => (nextFrom ?? from).getTime();
    return [...this.#entries.values()]
      .map((entry) => stateOf(entry, at))
      .sort((a, b) => rank(a) - rank(b) || since(a) - since(b));
  }

  /** Throws EngineRequestError. */
  add({ matcher, from, until, recurrence, note }: NewSilence, by: string): SilenceState {
    const at = this.#options.clock.wall();
    const silence: Silence = {
      ...neverEnded,
      id: randomUUID(),
      matcher,
      note,
      by,
      createdAt: at,
      from: from ?? at,
      until,
      recurrence,
    };
    if (note.length > longestNote) throw invalid(`a note has at most ${longestNote} characters`);
    if (!recurrence && !until) throw invalid('a silence that does not recur says when it ends');
    if (until && !(until > silence.from)) throw invalid('a silence ends after it begins');
    if (until && !(until > at)) throw invalid('a silence ends in the future');
    const entry = this.#make(silence);
    const holding = this.list().filter(({ state }) => state !== 'ended');
    if (holding.length >= mostSilences) throw invalid(`there are ${mostSilences} silences already`);
    this.#put(entry);
    this.#options.log.info(
      { silence: silence.id, matcher },
      `silence made by ${by}${note ? `: ${note}` : ''}`,
    );
    return this.#record(entry, at);
  }

  /** Of what is configured only the time that runs now: it comes again. Throws EngineRequestError. */
  end(id: string, by: string): SilenceState {
    const at = this.#options.clock.wall();
    const { silence, times } = this.#find(id);
    const { activeUntil, nextFrom } = times.at(at);
    if (silence.by === null && activeUntil === null) {
      throw new EngineRequestError('CONFLICT', 'this maintenance does not run now; the configuration has it');
    }
    if (activeUntil === null && nextFrom === null) {
      throw new EngineRequestError('CONFLICT', 'this silence is over');
    }
    this.#options.log.info({ silence: id }, `silence ended by ${by}`);
    const ended =
      silence.by === null
        ? { skippedUntil: at, endedBy: by }
        : { endedAt: at, endedBy: by, skippedUntil: null };
    return this.#change({ ...silence, ...ended }, at);
  }

  /** Gives back what was ended, if any of its time is left. Throws EngineRequestError. */
  restore(id: string, by: string): SilenceState {
    const at = this.#options.clock.wall();
    const { silence } = this.#find(id);
    if (silence.endedAt === null && silence.skippedUntil === null) {
      throw new EngineRequestError('CONFLICT', 'this silence was not ended');
    }
    const again = this.#make({ ...silence, ...neverEnded });
    const { activeUntil, nextFrom } = again.times.at(at);
    if (activeUntil === null && nextFrom === null) {
      throw new EngineRequestError('CONFLICT', 'the time of this silence is over');
    }
    this.#options.log.info({ silence: id }, `silence given back by ${by}`);
    return this.#change(again.silence, at);
  }

  /** Null while no silence holds that fits. */
  coverOf(alert: Alert, at: Date): Cover | null {
    if (this.#entries.size === 0) return null;
    let fitting = this.#fitting.get(alert.fingerprint);
    if (!fitting) {
      const about = this.#about(alert);
      fitting = [...this.#entries.values()].filter(({ matches }) => matches(about));
      this.#fitting.set(alert.fingerprint, fitting);
    }
    let until: Date | null = null;
    const ids: string[] = [];
    for (const { silence, times } of fitting) {
      const { activeUntil } = times.at(at);
      if (activeUntil === null) continue;
      ids.push(silence.id);
      if (until === null || activeUntil > until) until = activeUntil;
    }
    return until && { until, ids };
  }

  /** There is no alert of it any more. */
  forget(fingerprint: string): void {
    this.#fitting.delete(fingerprint);
  }

  /** Throws EngineRequestError. */
  fit(matcher: AlertMatcher): (alert: Alert) => boolean {
    const matches = matcherOf(matcher);
    return (alert) => matches(this.#about(alert));
  }

  /** Tells what began or ended by the clock. */
  tick(at: Date): void {
    for (const entry of this.#entries.values()) {
      const { told } = entry;
      const { activeUntil, nextFrom } = entry.times.at(at);
      if (told?.activeUntil !== activeUntil || told?.nextFrom !== nextFrom) this.#tell(entry, at);
    }
  }

  #tellGone({ silence }: Entry): void {
    const data: SilenceState = { ...silence, state: 'ended', activeUntil: null, nextFrom: null };
    this.#options.publish({ type: 'silence', pair: null, data });
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new EngineRequestError('NOT_FOUND', `there is no silence ${id}`);
    return entry;
  }

  #make(silence: Silence): Entry {
    return { silence, matches: matcherOf(silence.matcher), times: new Timetable(silence), told: null };
  }

  /** Of before. One that this version cannot read is left out, and said. */
  #keep(silence: Silence): void {
    try {
      const entry = this.#make(silence);
      this.#put(entry);
      this.#tell(entry, this.#options.clock.wall());
    } catch (error) {
      this.#options.log.error({ err: error, silence: silence.id }, 'a silence is not gone on with');
    }
  }

  #put(entry: Entry): void {
    this.#entries.set(entry.silence.id, entry);
    this.#fitting.clear();
    const ended = this.list().filter(({ state, by }) => state === 'ended' && by !== null);
    ended.sort((a, b) => overAt(b) - overAt(a));
    for (const { id } of ended.slice(mostEnded)) this.#entries.delete(id);
  }

  #change(silence: Silence, at: Date): SilenceState {
    const entry = this.#make(silence);
    this.#put(entry);
    return this.#record(entry, at);
  }

  #record(entry: Entry, at: Date): SilenceState {
    this.#options.storage.recordSilence(entry.silence);
    return this.#tell(entry, at);
  }

  #tell(entry: Entry, at: Date): SilenceState {
    const state = stateOf(entry, at);
    entry.told = state;
    this.#options.publish({ type: 'silence', pair: null, data: state });
    return state;
  }
}

const neverEnded = { endedAt: null, endedBy: null, skippedUntil: null };

function stateOf({ silence, times }: Entry, at: Date): SilenceState {
  const now = times.at(at);
  const state = now.activeUntil ? 'active' : now.nextFrom ? 'scheduled' : 'ended';
  return { ...silence, ...now, state };
}

function overAt({ endedAt, until, createdAt }: SilenceState): number {
  return (endedAt ?? until ?? createdAt).getTime();
}

/** Its id is its name's, so that what a person did to it is known after a restart. */
function maintenanceSilence({ name, matcher, from, until, recurrence }: MaintenanceConfig): Silence {
  const begin = from ?? new Date(0);
  return {
    ...neverEnded,
    id: `maintenance: ${name}`,
    matcher,
    note: name,
    by: null,
    createdAt: begin,
    from: begin,
    until,
    recurrence,
  };
}

function invalid(message: string): EngineRequestError {
  return new EngineRequestError('INVALID', message);
}
