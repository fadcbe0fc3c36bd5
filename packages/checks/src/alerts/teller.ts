import type { Logger } from '../log.ts';
import type { Alert } from '../model/alert.ts';
import type { Publish } from '../model/event.ts';
import type { MetricsStorage } from '../storage/storage.ts';

/** Evidence that changes with every measurement is told this often, … */
const evidenceEveryMs = 5_000;
/** … and, of very many alerts, less often, lest nothing else is done any more. */
const evidencePerSecond = 1_000;

/** What a person would notice at once. */
const VISIBLE = [
  'state',
  'severity',
  'summary',
  'noData',
  'clearingSince',
  'acknowledged',
  'silencedUntil',
  'inhibitedBy',
] as const satisfies (keyof Alert)[];

export interface TellerOptions {
  storage: MetricsStorage;
  publish: Publish;
  log: Logger;
  /** It fires since now, or is over after it fired. */
  onTurn?: ((alert: Alert) => void) | undefined;
}

/** Tells storage, subscribers and log what changed about alerts, each change once. */
export class Teller {
  readonly #options: TellerOptions;
  /** By id. */
  readonly #told = new Map<string, { alert: Alert; at: number }>();

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** The world knows this already, from an earlier process. */
  known(alert: Alert, now: number): void {
    this.#told.set(alert.id, { alert, at: now });
  }

  /** `now`: monotonic. */
  tell(alert: Alert, now: number): void {
    const told = this.#told.get(alert.id);
    const before = told?.alert;
    if (alert === before) return;
    const visible = !before || VISIBLE.some((key) => alert[key] !== before[key]);
    if (!visible && now - told.at < this.#evidenceEveryMs) return;

    if (alert.state === 'resolved') this.#told.delete(alert.id);
    else this.#told.set(alert.id, { alert, at: now });
    this.#options.storage.recordAlert(alert);
    this.#options.publish({ type: 'alert', pair: alert.pair, data: alert });
    this.#logChange(alert, before);
    const turned = alert.state !== before?.state && (before !== undefined || alert.state === 'firing');
    if (turned && alert.state !== 'pending' && alert.firedAt !== null) this.#options.onTurn?.(alert);
  }

  get #evidenceEveryMs(): number {
    return Math.max(evidenceEveryMs, (this.#told.size / evidencePerSecond) * 1_000);
  }

  #logChange(alert: Alert, before: Alert | undefined): void {
    const { log } = this.#options;
    // Over already: its silence was ended, which is no news of its state.
    if (!before && alert.state === 'resolved') return;
    const { id, rule, severity, state, pair, server, table, evidence, inhibitedBy } = alert;
    const fields = { alert: id, rule, severity, state, pair, server, table, inhibitedBy };
    const said = `${severity} ${alert.summary}: ${evidence}`;
    if (state !== before?.state) {
      if (state === 'firing' && inhibitedBy === null) log.warn(fields, `alert firing: ${said}`);
      else if (state === 'pending' || alert.firedAt === null) log.debug(fields, `alert ${state}: ${said}`);
      else log.info(fields, `alert ${state}: ${said}`);
    } else if (severity !== before.severity) log.warn(fields, `alert is ${severity} now: ${said}`);
    else if (alert.noData && !before.noData) log.info(fields, `alert cannot be judged: ${said}`);
  }
}
