import { setTimeout } from 'node:timers/promises';
import type { Alert, Logger, MetricsStorage } from '@lockstep/checks';
import type { Attempt } from '../tracing/traces.ts';
import { type Brought, Courier, type Waiting } from './courier.ts';
import type { Destination } from './destination.ts';
import { Groups } from './groups.ts';
import type { Parcel } from './parcel.ts';
import { Watchdog } from './watchdog.ts';

export interface StaffOptions {
  storage: MetricsStorage;
  log: Logger;
  linkTo: (alerts: readonly Alert[]) => string | null;
  labelsOf: (pair: string | null) => Readonly<Record<string, string>>;
  /** What was gathered for a destination. */
  send: (destination: string, parcel: Parcel) => void;
  trouble: () => string | null;
  attempted: ((attempt: Attempt) => void) | undefined;
  now: () => number;
  clock: () => number;
  sleep: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

const realSleep = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

/** Who works for each destination: a courier, and where it is configured who gathers messages, and a watchdog. */
export class Staff {
  readonly #options: StaffOptions;
  readonly #couriers = new Map<string, Courier>();
  readonly #groups = new Map<string, Groups>();
  readonly #watchdogs = new Map<string, Watchdog>();

  constructor(options: StaffOptions) {
    this.#options = options;
  }

  courier(destination: string): Courier | undefined {
    return this.#couriers.get(destination);
  }

  groups(destination: string): Groups | undefined {
    return this.#groups.get(destination);
  }

  eachGroups(): Iterable<Groups> {
    return this.#groups.values();
  }

  /** For those that nobody works for yet. */
  employ(destinations: readonly Destination[]): void {
    const { storage, log, labelsOf, send, trouble, attempted, now, clock, linkTo } = this.#options;
    const { sleep = realSleep } = this.#options;
    for (const destination of destinations) {
      const { name, grouping, forgets = false, watchdogMs } = destination;
      if (this.#couriers.has(name)) continue;
      this.#couriers.set(
        name,
        new Courier({ destination, storage, log, now, clock, sleep, linkTo, attempted }),
      );
      if (grouping) {
        const groups = { destination: name, grouping, forgets, labelsOf, now, clock, sleep };
        this.#groups.set(name, new Groups({ ...groups, send: (parcel) => send(name, parcel) }));
      }
      if (watchdogMs !== undefined) {
        const link = () => linkTo([]);
        this.#watchdogs.set(name, new Watchdog({ destination, trouble, link, log, now, sleep }));
      }
    }
  }

  /** Until then nobody is told that Lockstep is at work. */
  startWatchdogs(): void {
    for (const watchdog of this.#watchdogs.values()) watchdog.start();
  }

  /** Ends whoever works for a destination whose name is not `staying`. */
  async dismiss(staying: ReadonlySet<string>): Promise<void> {
    await Promise.all([
      leave(this.#groups, staying),
      leave(this.#couriers, staying),
      leave(this.#watchdogs, staying),
    ]);
  }

  /** What waits and what became of messages can be asked for afterwards, too. */
  async stop(): Promise<void> {
    const all = [...this.#groups.values(), ...this.#couriers.values(), ...this.#watchdogs.values()];
    await Promise.all(all.map((one) => one.stop()));
  }

  /** What waits, by destination. */
  waiting(): Waiting[] {
    return [...this.#couriers.values()].map((courier) => {
      const { destination, count, oldest } = courier.waiting();
      const groups = this.#groups.get(destination);
      return { destination, count: count + (groups?.size ?? 0), oldest: oldest ?? groups?.oldest() ?? null };
    });
  }

  /** What became of messages, by destination. */
  brought(): Brought[] {
    return [...this.#couriers.values()].map((courier) => courier.brought());
  }
}

async function leave<Part extends { stop: () => Promise<void> }>(
  parts: Map<string, Part>,
  staying: ReadonlySet<string>,
): Promise<void> {
  const leaving = [...parts].filter(([name]) => !staying.has(name));
  for (const [name] of leaving) parts.delete(name);
  await Promise.all(leaving.map(([, part]) => part.stop()));
}
