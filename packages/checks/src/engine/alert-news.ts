import type { Mishaps } from '../mishaps.ts';
import type { Alert } from '../model/alert.ts';
import type { Chronicle } from './chronicle.ts';
import type { PairBoards } from './pair-boards.ts';

export interface AlertNewsOptions {
  boards: PairBoards;
  chronicle: Chronicle;
  mishaps: Mishaps;
}

/** A thousand tables that differ at once are one entry of a time line, not a thousand. */
const gatherMs = 200;
const named = 3;

/** Alerts in the time lines of the pairs that they are of; those of a server in the time lines of all its pairs. */
export class AlertNews {
  readonly #options: AlertNewsOptions;
  /** By pair. */
  readonly #turned = new Map<string, Alert[]>();
  #telling: NodeJS.Timeout | undefined;

  constructor(options: AlertNewsOptions) {
    this.#options = options;
  }

  /** It fires since now, or is over after it fired. */
  turned(alert: Alert): void {
    for (const pair of this.#pairsOf(alert)) {
      const turned = this.#turned.get(pair);
      if (turned) turned.push(alert);
      else this.#turned.set(pair, [alert]);
    }
    this.#telling ??= setTimeout(() => this.tell(), gatherMs);
  }

  /** What was gathered until now. */
  tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const { chronicle, mishaps } = this.#options;
    for (const [pair, turned] of this.#turned) {
      for (const over of [false, true]) {
        const alerts = turned.filter(({ state }) => (state === 'resolved') === over);
        const [first] = alerts;
        const at = over ? first?.resolvedAt : first?.firedAt;
        if (!at) continue;
        mishaps.guard(
          'telling of alerts',
          () => chronicle.happened(pair, 'alert', sentence(alerts, over), at),
          { pair },
        );
      }
    }
    this.#turned.clear();
  }

  #pairsOf({ pair, server }: Alert): string[] {
    if (pair !== null) return [pair];
    return server === null ? [] : this.#options.boards.of([server]).map(({ config }) => config.name);
  }
}

function sentence(alerts: Alert[], over: boolean): string {
  const names = alerts
    .slice(0, named)
    .map(({ summary, table }) => (table ? `${summary}: ${table}` : summary));
  const more = alerts.length > named ? [`${alerts.length - named} more`] : [];
  const verb = over ? ['alert is over', 'alerts are over'] : ['alert fires', 'alerts fire'];
  const many = alerts.length === 1 ? verb[0] : `${alerts.length} ${verb[1]}`;
  return `${many}: ${[...names, ...more].join('; ')}`;
}
