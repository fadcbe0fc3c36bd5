import { randomUUID } from 'node:crypto';
import type { Alert, Delivery, Severity } from '@lockstep/checks';
import { turns } from '../turns.ts';
import type { Group } from './destination.ts';
import { type Grouping, groupKey, groupLabels } from './grouping.ts';
import { firingKey, isSilenced } from './key-to-tell.ts';
import type { Parcel } from './parcel.ts';

/** Waits are told in whole steps of this. */
const stepMs = 100;

export interface GroupsOptions {
  destination: string;
  grouping: Grouping;
  /** Acknowledged alerts are repeated, too. */
  forgets: boolean;
  labelsOf: (pair: string | null) => Readonly<Record<string, string>>;
  /** What is to be sent now. */
  send: (parcel: Parcel) => void;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Monotonic milliseconds. */
  clock: () => number;
  /** Rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface OpenGroup {
  key: string;
  labels: Record<string, string>;
  /** What waits to be told: each batch will be one message, under a key that its deliveries hold already. */
  batches: Batch[];
  /** When the next message is due, for what waits. */
  dueAt: number;
  sentAt: number;
  /** Told or about to be, and not over; under which severities. */
  firing: Map<string, { alert: Alert; as: Set<Severity> }>;
}

interface Batch {
  key: string;
  /** By their keys, in the order in which they came. */
  deliveries: Map<string, Delivery>;
}

/**
 * Holds back what is to be told to one destination until there is more of its kind. The message that a change will be
 * told by is fixed, and with the change in the outbox, from the first moment. After a kill what waited is sent as it
 * was, and nothing joins it: under one key there is one content.
 */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #groups = new Map<string, OpenGroup>();
  /** Of the alerts that fire. */
  readonly #groupOf = new Map<string, OpenGroup>();
  readonly #stopping = new AbortController();
  /** What an earlier process told was told before. */
  readonly #begun: number;
  #wake: AbortController | null = null;
  #working: Promise<void> | null = null;
  #reminding: Promise<void> = Promise.resolve();

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#begun = options.clock();
  }

  /** How many messages are being gathered. */
  get size(): number {
    let size = 0;
    for (const { batches } of this.#groups.values()) size += batches.length;
    return size;
  }

  /** The change that has waited longest. */
  oldest(): Delivery | null {
    let oldest: Delivery | null = null;
    for (const { batches } of this.#groups.values()) {
      const first = batches[0]?.deliveries.values().next().value;
      if (first && (!oldest || first.createdAt < oldest.createdAt)) oldest = first;
    }
    return oldest;
  }

  /**
   * Before it is written to the outbox: it is told which message it belongs to. `heardAt`: of what it tells, by the
   * monotonic clock.
   */
  add(delivery: Delivery, heardAt: number): void {
    const { grouping } = this.#options;
    const { id } = delivery.alert;
    const as = this.#groupOf.get(id)?.firing.get(id)?.as;
    if (as) delivery.earlier = [...as];
    const group = this.#know(delivery);
    let batch = group.batches.at(-1);
    if (!batch || batch.deliveries.size >= grouping.most) {
      if (!batch) group.dueAt = Math.max(heardAt + grouping.waitMs, group.sentAt + grouping.intervalMs);
      batch = { key: `group/${group.key.slice(0, 12)}/${randomUUID()}`, deliveries: new Map() };
      group.batches.push(batch);
      this.#wakeUp();
    }
    delivery.message = batch.key;
    const [first] = batch.deliveries.keys();
    if (first !== undefined) delivery.first = first;
    batch.deliveries.set(delivery.key, delivery);
    this.#working ??= this.#work();
  }

  /** What is known of an alert now. */
  heard(alert: Alert): void {
    const told = this.#groupOf.get(alert.id)?.firing.get(alert.id);
    if (!told) return;
    if (alert.state === 'resolved') this.#over(alert.id);
    else told.alert = alert;
  }

  /** Takes out what is gathered of an alert that fires, before any of it is sent. */
  withdraw(id: string): Delivery[] {
    const group = this.#groupOf.get(id);
    const told = group?.firing.get(id);
    if (!group || !told) return [];
    const keys = [...told.as].map((severity) => firingKey(id, severity));
    const withdrawn = group.batches.flatMap(({ deliveries }) =>
      keys.flatMap((key) => {
        const delivery = deliveries.get(key);
        deliveries.delete(key);
        return delivery ?? [];
      }),
    );
    if (withdrawn.length === 0) return [];
    group.batches = group.batches.filter(({ deliveries }) => deliveries.size > 0);
    for (const { alert } of withdrawn) told.as.delete(alert.severity);
    if (told.as.size === 0) this.#over(id);
    // An empty group has nothing to wait for.
    this.#wakeUp();
    return withdrawn;
  }

  /** What an earlier process told of an alert that may still fire. */
  recall(delivery: Delivery): void {
    const group = this.#know(delivery);
    group.sentAt = Math.max(group.sentAt, this.#begun);
    this.#wakeUp();
    this.#working ??= this.#work();
  }

  /** A message that an earlier process put together, as it goes out again. */
  parcelOf(key: string, deliveries: readonly Delivery[]): Parcel {
    return this.#parcel(this.#know(deliveries[0]!), key, deliveries, false);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#working, this.#reminding]);
  }

  /** Where an alert was told first it is told until it is over, whatever changes about it. */
  #know({ alert, earlier = [] }: Delivery): OpenGroup {
    const { destination, grouping, labelsOf } = this.#options;
    let group = this.#groupOf.get(alert.id);
    if (!group) {
      const labels = groupLabels(grouping.by, alert, labelsOf(alert.pair));
      const key = groupKey(destination, labels);
      group = this.#groups.get(key) ?? {
        key,
        labels,
        batches: [],
        dueAt: Infinity,
        sentAt: -Infinity,
        firing: new Map(),
      };
      this.#groups.set(key, group);
    }
    if (alert.state === 'resolved') this.#over(alert.id);
    else {
      this.#groupOf.set(alert.id, group);
      const as = group.firing.get(alert.id)?.as ?? new Set(earlier);
      group.firing.set(alert.id, { alert, as: as.add(alert.severity) });
    }
    return group;
  }

  #over(id: string): void {
    this.#groupOf.get(id)?.firing.delete(id);
    this.#groupOf.delete(id);
  }

  async #work(): Promise<void> {
    // Not within `add`: who adds many gets them all in first.
    await Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const now = this.#options.clock();
      let next = Infinity;
      for (const group of this.#groups.values()) {
        if (this.#due(group) <= now) this.#tell(group, now);
        if (this.#isDone(group, now)) this.#groups.delete(group.key);
        else next = Math.min(next, this.#due(group));
      }
      if (this.#groups.size === 0) {
        // In the same breath as the look: what is added from now on starts anew.
        this.#working = null;
        return;
      }
      await this.#rest(next - now);
    }
  }

  /** When there is next something to do about it. */
  #due({ batches, dueAt, firing, sentAt }: OpenGroup): number {
    const { repeatMs, intervalMs } = this.#options.grouping;
    if (batches.length > 0) return dueAt;
    if (firing.size === 0) return sentAt + intervalMs;
    return repeatMs === null ? Infinity : sentAt + repeatMs;
  }

  #isDone({ batches, firing, sentAt }: OpenGroup, now: number): boolean {
    return batches.length === 0 && firing.size === 0 && sentAt + this.#options.grouping.intervalMs <= now;
  }

  #tell(group: OpenGroup, now: number): void {
    const { batches } = group;
    group.batches = [];
    group.dueAt = Infinity;
    if (batches.length > 0) {
      group.sentAt = now;
      for (const { key, deliveries } of batches) {
        this.#options.send(this.#parcel(group, key, [...deliveries.values()], false));
      }
    } else if (group.firing.size > 0) {
      group.sentAt = now;
      this.#reminding = this.#reminding.then(() => this.#remind(group));
    }
  }

  async #remind(group: OpenGroup): Promise<void> {
    const { destination, forgets, grouping, now, send } = this.#options;
    const at = new Date(now());
    const newKey = () => `group/${group.key.slice(0, 12)}/again/${randomUUID()}`;
    let key = newKey();
    let deliveries: Delivery[] = [];
    for (const { alert, as } of [...group.firing.values()]) {
      if (turns.exhausted()) await turns.next();
      if (this.#stopping.signal.aborted) return;
      const { state, inhibitedBy, acknowledged } = alert;
      // It may have ended meanwhile.
      if (state !== 'firing' || inhibitedBy !== null || !group.firing.has(alert.id)) continue;
      if (isSilenced(alert, at) || (!forgets && acknowledged !== null)) continue;
      const earlier = [...as].filter((severity) => severity !== alert.severity);
      as.add(alert.severity);
      const waits = { state: 'waiting', endedAt: null, attempts: 0, error: null } as const;
      deliveries.push({ key, destination, alert, earlier, message: key, createdAt: at, ...waits });
      if (deliveries.length < grouping.most) continue;
      send(this.#parcel(group, key, deliveries, true));
      [key, deliveries] = [newKey(), []];
    }
    if (deliveries.length > 0) send(this.#parcel(group, key, deliveries, true));
  }

  #parcel(group: OpenGroup, key: string, deliveries: readonly Delivery[], reminder: boolean): Parcel {
    const first = deliveries[0]!;
    const shown: Group = { key: group.key, labels: group.labels, firing: group.firing.size };
    const { createdAt, attempts } = first;
    return { key, lane: group.key, deliveries, group: shown, createdAt, attempts, reminder };
  }

  /** Once: to abort again what was aborted costs an error each time. */
  #wakeUp(): void {
    this.#wake?.abort();
    this.#wake = null;
  }

  async #rest(ms: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, this.#wake.signal]);
    // Of nothing that is ever due, another addition is the end.
    const longest = Math.min(Math.max(Math.ceil(ms / stepMs), 1) * stepMs, 86_400_000);
    await this.#options.sleep(longest, signal).catch(() => undefined);
    this.#wake = null;
  }
}
