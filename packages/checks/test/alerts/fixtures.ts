import { onTestFinished } from 'vitest';
import { AlertManager, type AlertManagerOptions } from '../../src/alerts/alert-manager.ts';
import { type Condition, condition } from '../../src/alerts/condition/condition.ts';
import { SilenceBook } from '../../src/alerts/silences/silence-book.ts';
import type { AlertsConfig, MaintenanceConfig, PairConfig, StorageConfig } from '../../src/config.ts';
import { type Logger, silent } from '../../src/log.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { SilenceState } from '../../src/model/silence.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { MetricsStorage } from '../../src/storage/storage.ts';

export const START = Date.UTC(2026, 2, 1, 12);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const alertsConfig: AlertsConfig = {
  forMs: 10 * SECOND,
  keepFiringForMs: MINUTE,
  severities: {},
  unverifiedForMs: 24 * HOUR,
};

/** Time that only the test moves; both clocks go together unless it sets the machine's. */
export class TestClock {
  #ms = 0;
  setBy = 0;
  now = () => this.#ms;
  wall = () => new Date(START + this.#ms + this.setBy);
  advance(ms: number): void {
    this.#ms += ms;
  }
}

export function lagging(changes: Partial<Condition> = {}): Condition {
  return {
    ...condition(
      'lag',
      { pair: 'orders' },
      { status: 'true', severity: 'WARNING', summary: 'Replica is lagging', evidence: 'lag 12 s ≥ 10 s' },
    ),
    ...changes,
  };
}

export const caughtUp = (changes: Partial<Condition> = {}): Condition =>
  lagging({ status: 'false', evidence: 'lag 0 s', ...changes });
export const unmeasured = (changes: Partial<Condition> = {}): Condition =>
  lagging({ status: 'unknown', evidence: 'lag unknown: the source is gone', ...changes });

export function storageConfig(file = ':memory:'): StorageConfig {
  return { file, rawLagMs: 24 * HOUR, minuteLagMs: 720 * HOUR, historyMs: 720 * HOUR };
}

/** An alert manager over a real storage, with what it publishes and logs. */
export class Watch {
  readonly clock: TestClock;
  readonly storage: MetricsStorage;
  readonly published: Alert[] = [];
  readonly logged: string[] = [];
  /** What each of those lines is about. */
  readonly loggedOf: object[] = [];
  readonly silencesTold: SilenceState[] = [];
  readonly book: SilenceBook;
  readonly manager: AlertManager;

  constructor({
    config = {},
    clock = new TestClock(),
    file,
    pairs = [],
    maintenance = [],
  }: {
    config?: Partial<AlertsConfig>;
    clock?: TestClock;
    file?: string;
    pairs?: PairConfig[];
    maintenance?: MaintenanceConfig[];
  } = {}) {
    this.clock = clock;
    this.storage = openStorage(storageConfig(file), { log: silent, now: () => clock.wall().getTime() });
    onTestFinished(() => this.storage.close());
    const at = (level: string) => (of: object, message: string) => {
      this.logged.push(`${level} ${message}`);
      this.loggedOf.push(of);
    };
    const log: Logger = { debug() {}, info: at('info'), warn: at('warn'), error: at('error') };
    const around: Pick<AlertManagerOptions, 'storage' | 'publish' | 'log'> & { clock: TestClock } = {
      storage: this.storage,
      publish: (event) => {
        if (event.type === 'alert') this.published.push(event.data);
        if (event.type === 'silence') this.silencesTold.push(event.data);
      },
      log,
      clock,
    };
    this.book = new SilenceBook({ ...around, pairs, maintenance });
    const options: AlertManagerOptions = {
      ...around,
      config: { ...alertsConfig, ...config },
      silences: this.book,
    };
    this.manager = new AlertManager(options);
  }

  /** What the conditions are for so long, observed every second, the first time now. */
  during(ms: number, ...conditions: Condition[]): void {
    for (let passed = 0; passed < ms; passed += SECOND) {
      this.manager.observe(conditions);
      this.clock.advance(SECOND);
    }
  }

  now(...conditions: Condition[]): void {
    this.during(SECOND, ...conditions);
  }

  /** The only alert that is open. */
  get alert(): Alert {
    const open = this.manager.open();
    if (open.length !== 1 || !open[0]) throw new Error(`${open.length} alerts are open`);
    return open[0];
  }

  get states(): string[] {
    return this.published.map(({ state }) => state);
  }
}
