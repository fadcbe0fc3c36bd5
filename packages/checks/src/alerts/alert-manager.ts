import type { AlertsConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import { Mishaps, type Struck } from '../mishaps.ts';
import { type Alert, ownSilence, type Severity } from '../model/alert.ts';
import type { Publish } from '../model/event.ts';
import type { AlertTally } from '../model/tally.ts';
import { EngineRequestError } from '../request-error.ts';
import type { MetricsStorage } from '../storage/storage.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { AlertBoard } from './alert-board.ts';
import type { Condition } from './condition/condition.ts';
import { Flapping, flappingKeepMs } from './flapping.ts';
import type { Judged } from './judge.ts';
import { OpenAlert, type Policy } from './open-alert.ts';
import { SilenceBook } from './silences/silence-book.ts';
import { tallyAlerts } from './tally-alerts.ts';
import { Teller, type TellerOptions } from './teller.ts';
import { type Existing, mentioned, whyGone } from './why-gone.ts';

/** What happened between two observations further apart than this was seen by nobody, and proves nothing. */
const maxElapsedMs = 10_000;

export interface AlertManagerOptions {
  config: AlertsConfig;
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  clock?: Clock;
  mishaps?: Mishaps;
  /** Those by matcher; none unless given. */
  silences?: SilenceBook;
  onTurn?: TellerOptions['onTurn'];
}

/**
 * Turns conditions, observed every second, into alerts: one for each condition that lasts, however many cycles see it,
 * going on over restarts. Everything that changes is recorded, published and, when it matters, logged.
 */
export class AlertManager {
  #config: AlertsConfig;
  readonly #storage: MetricsStorage;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #mishaps: Mishaps;
  readonly #teller: Teller;
  readonly #open = new AlertBoard();
  /** By fingerprint; they outlive their alert, for a silence is for a condition that comes back, too. */
  readonly #silences = new Map<string, Date>();
  readonly #book: SilenceBook;
  readonly #flapping = new Flapping();
  #observedAt: number | null = null;
  /** Counts the observations. */
  #observation = 0;

  /** Goes on with the alerts and silences that the storage holds. */
  constructor({
    config,
    storage,
    publish,
    log,
    clock = systemClock,
    mishaps,
    silences,
    onTurn,
  }: AlertManagerOptions) {
    this.#config = config;
    this.#storage = storage;
    this.#log = log;
    this.#clock = clock;
    this.#mishaps = mishaps ?? new Mishaps({ log });
    const options = { pairs: [], maintenance: [], storage, publish, log, clock };
    this.#book = silences ?? new SilenceBook(options);
    this.#teller = new Teller({ storage, publish, log, onTurn });
    const open = storage.openAlerts();
    for (const alert of open) {
      this.#open.set(alert.fingerprint, OpenAlert.restore(alert));
      this.#teller.known(alert, clock.now());
    }
    for (const alert of [...storage.silencedAlerts(clock.wall()), ...open]) {
      const until = ownSilence(alert);
      if (until) this.#silences.set(alert.fingerprint, until);
    }
  }

  /**
   * Takes up what the storage has of an earlier process, which could not be read when this one began. An alert that
   * fires since then goes on as the older one of the same condition, with what was said of that.
   */
  recall(): void {
    const at = this.#clock.wall();
    const now = this.#clock.now();
    const stored = this.#storage.openAlerts();
    this.#book.recall();
    for (const alert of [...this.#storage.silencedAlerts(at), ...stored]) {
      const { fingerprint } = alert;
      const until = ownSilence(alert);
      if (until && until > at && !this.#silences.has(fingerprint)) this.#silences.set(fingerprint, until);
    }
    const own = new Set(this.open().map(({ id }) => id));
    for (const alert of stored) {
      const { id, fingerprint } = alert;
      if (own.has(id)) continue;
      const open = this.#open.get(fingerprint);
      const older = OpenAlert.restore(alert);
      this.#teller.known(alert, now);
      if (open && alert.state === 'pending') {
        older.resolve(`goes on as alert ${open.alert.id}`, at);
      } else {
        const { acknowledged } = open?.alert ?? {};
        if (acknowledged) older.change({ acknowledged }, at);
        // The observation under way knew nothing of it.
        older.judgedIn = this.#observation;
        this.#open.set(fingerprint, older);
        open?.resolve(`goes on as alert ${id}, from before Lockstep was started`, at);
      }
      for (const each of open ? [open, older] : [older]) {
        this.#mishaps.guard('telling an alert', () => this.#tell(each, now));
      }
    }
    for (const open of this.#open.all()) {
      const before = open.alert;
      this.#silence(open, at);
      if (open.alert !== before) this.#mishaps.guard('telling an alert', () => this.#tell(open, now));
    }
  }

  /** Judges by this from the next observation on. */
  reconfigure(config: AlertsConfig): void {
    this.#config = config;
  }

  /** Pending and firing. */
  open(): Alert[] {
    return Array.from(this.#open.all(), ({ alert }) => alert);
  }

  /** How many are open, of each kind. */
  tally(): AlertTally[] {
    return tallyAlerts(this.#open.all());
  }

  /** Whether there is an alert, by its fingerprint. */
  has(fingerprint: string): boolean {
    return this.#open.has(fingerprint);
  }

  /** The shown names of the tables of a pair of which there is an alert. */
  tablesOf(pair: string): Iterable<string> {
    return this.#open.tablesOf(pair);
  }

  /**
   * `conditions`: what the configuration wants judged, at least where it is not well or has an alert; an alert that it
   * does not mention ends. `exists`: all that is configured, where the conditions alone do not tell.
   */
  observe(conditions: readonly Condition[], exists: Existing = mentioned(conditions)): void {
    for (const _ of this.observing(conditions, exists));
  }

  /**
   * The same for a hundred thousand conditions: it yields wherever it may be held, to go on later or never. One
   * observation has to end, or be given up, before the next begins.
   */
  *observing(conditions: Iterable<Judged>, exists: Existing): Generator<void, void, undefined> {
    const at = this.#clock.wall();
    const now = this.#clock.now();
    const elapsedMs = Math.min(maxElapsedMs, now - (this.#observedAt ?? now));
    this.#observedAt = now;

    const observation = ++this.#observation;
    const unjudged: Struck[] = [];
    for (const condition of conditions) {
      yield;
      if (condition === null) continue;
      if ('unjudged' in condition) {
        unjudged.push(condition.unjudged);
        continue;
      }
      const severity = this.#config.severities[condition.rule];
      if (severity === null) continue;
      const open = this.#open.get(condition.fingerprint);
      if (open) open.judgedIn = observation;
      else if (condition.status !== 'true') continue;
      const configured = severity ? withSeverity(condition, severity) : condition;
      this.#mishaps.guard('alerting', () => this.#observeOne(configured, elapsedMs, at, now));
    }
    for (const open of this.#open.all()) {
      yield;
      if (open.judgedIn === observation || unjudged.some((struck) => isOf(open.alert, struck))) continue;
      open.resolve(whyGone(open.alert, exists, this.#config), at);
    }
    this.#endSilences(at);
    this.#mishaps.guard('telling of silences', () => this.#book.tick(at));
    for (const open of this.#open.all()) {
      yield;
      this.#silence(open, at);
      this.#inhibit(open, at);
    }
    for (const open of this.#open.all()) {
      yield;
      this.#mishaps.guard('telling an alert', () => this.#tell(open, now));
    }
  }

  /** Throws EngineRequestError when there is no such alert, or it is over. */
  acknowledge(id: string, by: string, note: string): Alert {
    const open = this.#find(id);
    const at = this.#clock.wall();
    open.change({ acknowledged: { by, at, note } }, at);
    this.#log.info(fields(open.alert), `alert acknowledged by ${by}${note ? `: ${note}` : ''}`);
    this.#tell(open, this.#clock.now());
    return open.alert;
  }

  /** Nobody looks after it any more. Throws EngineRequestError. */
  unacknowledge(id: string, by: string): Alert {
    const open = this.#find(id);
    if (open.alert.acknowledged === null) {
      throw new EngineRequestError('CONFLICT', 'nobody has acknowledged this alert');
    }
    open.change({ acknowledged: null }, this.#clock.wall());
    this.#log.info(fields(open.alert), `acknowledgement taken back by ${by}`);
    this.#tell(open, this.#clock.now());
    return open.alert;
  }

  /** `until` null ends the silence, also that of an alert that is over. Throws EngineRequestError. */
  silence(id: string, by: string, until: Date | null): Alert {
    const at = this.#clock.wall();
    if (until === null) return this.#unsilence(id, by, at);
    if (!(until > at)) throw new EngineRequestError('INVALID', 'a silence must end in the future');
    const open = this.#find(id);
    this.#silences.set(open.alert.fingerprint, until);
    this.#silence(open, at);
    this.#log.info(fields(open.alert), `alert silenced until ${until.toISOString()} by ${by}`);
    this.#tell(open, this.#clock.now());
    return open.alert;
  }

  /** Applies a change of silences at once, as a person expects of what they did. */
  resilence(): void {
    const at = this.#clock.wall();
    const now = this.#clock.now();
    for (const open of this.#open.all()) {
      this.#silence(open, at);
      this.#mishaps.guard('telling an alert', () => this.#tell(open, now));
    }
  }

  #unsilence(id: string, by: string, at: Date): Alert {
    const named = this.#byId(id) ?? this.#stored(id);
    const { fingerprint } = named.alert;
    this.#silences.delete(fingerprint);
    // The condition may have come back as another alert meanwhile.
    for (const open of new Set([named, this.#open.get(fingerprint) ?? named])) {
      this.#silence(open, at);
      this.#tell(open, this.#clock.now());
    }
    this.#log.info(fields(named.alert), `silence ended by ${by}`);
    return named.alert;
  }

  #observeOne(condition: Condition, elapsedMs: number, at: Date, now: number): void {
    const { fingerprint } = condition;
    let open = this.#open.get(fingerprint);
    if (!open) {
      open = OpenAlert.begin(condition, at);
      this.#silence(open, at);
      open.judgedIn = this.#observation;
      this.#open.set(fingerprint, open);
    }
    if (open.observe(condition, this.#policy(condition, now), elapsedMs, at)) {
      this.#flapping.came(fingerprint, now);
    }
  }

  #policy({ fingerprint, forMs, keepFiringForMs }: Condition, now: number): Policy {
    const flapping = this.#flapping.timesOf(fingerprint, now);
    const keepMs = keepFiringForMs ?? this.#config.keepFiringForMs;
    return {
      forMs: forMs ?? this.#config.forMs,
      keepFiringForMs: flapping === null ? keepMs : Math.max(keepMs, flappingKeepMs),
      flapping,
    };
  }

  #endSilences(at: Date): void {
    for (const [fingerprint, until] of this.#silences) {
      if (until <= at) this.#silences.delete(fingerprint);
    }
  }

  /** As silenced as it is now, by itself and by what fits it. */
  #silence(open: OpenAlert, at: Date): void {
    const { alert } = open;
    const own = this.#silences.get(alert.fingerprint) ?? null;
    const cover = this.#book.coverOf(alert, at);
    const ids = cover?.ids ?? none;
    const until = cover && (own === null || cover.until > own) ? cover.until : own;
    const known = alert.silencedBy ?? none;
    if (
      until?.getTime() === alert.silencedUntil?.getTime() &&
      own?.getTime() === ownSilence(alert)?.getTime() &&
      ids.length === known.length &&
      ids.every((id, index) => id === known[index])
    ) {
      return;
    }
    const by = { silencedBy: ids, ownSilenceUntil: own };
    open.change({ silencedUntil: until, ...((cover !== null || known.length > 0) && by) }, at);
  }

  #inhibit(open: OpenAlert, at: Date): void {
    if (open.alert.state === 'resolved') return;
    const cause = open.follows.find((fingerprint) => {
      const state = this.#open.get(fingerprint)?.alert.state;
      return state === 'pending' || state === 'firing';
    });
    open.change({ inhibitedBy: cause ?? null }, at);
  }

  #tell(open: OpenAlert, now: number): void {
    const { alert } = open;
    this.#teller.tell(alert, now);
    if (alert.state === 'resolved' && this.#open.get(alert.fingerprint) === open) {
      this.#open.delete(alert.fingerprint);
      this.#book.forget(alert.fingerprint);
    }
  }

  #find(id: string): OpenAlert {
    const open = this.#byId(id);
    if (open) return open;
    const { resolvedAt } = this.#stored(id).alert;
    throw new EngineRequestError('CONFLICT', `alert ${id} is over since ${resolvedAt?.toISOString()}`);
  }

  #byId(id: string): OpenAlert | undefined {
    for (const open of this.#open.all()) if (open.alert.id === id) return open;
    return undefined;
  }

  #stored(id: string): OpenAlert {
    const alert = this.#storage.alert(id);
    if (!alert) throw new EngineRequestError('NOT_FOUND', `there is no alert ${id}`);
    return OpenAlert.restore(alert);
  }
}

const none: readonly string[] = [];

/** As configured for the rule, whatever threshold was passed. */
function withSeverity(condition: Condition, severity: Severity): Condition {
  return { ...condition, severity, ...(condition.keeps && { keeps: severity }) };
}

function isOf({ pair, server }: Alert, struck: Struck): boolean {
  return pair === (struck.pair ?? null) && server === (struck.server ?? null);
}

function fields({ id, rule, pair, server, table }: Alert): object {
  return { alert: id, rule, pair, server, table };
}
