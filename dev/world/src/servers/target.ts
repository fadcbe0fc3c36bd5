import type { Divergence } from '../oracle/divergence.ts';
import type { Random } from '../time/random.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import { Numbers } from './gtid-text.ts';
import type { Link } from './link.ts';
import { Table } from './table.ts';
import type { Transaction, Write } from './transaction.ts';

export interface TargetOptions {
  flavour: 'mysql' | 'mariadb';
  uuid: string;
  serverId: number;
  workers: number;
  /** MySQL: transactions are committed in the order of the source. MariaDB always does, within a domain. */
  keepsOrder: boolean;
  delayMs: number;
  /** A domain that it leaves out (MariaDB). */
  leavesOut: number | null;
  /** How long a transaction takes to apply. */
  applyMs: { usual: number; most: number };
}

/** Of so many transactions workers may be given some before those in front of them are done. */
const lookAhead = 64;

interface Relayed {
  transaction: Transaction;
  started: boolean;
  finished: boolean;
  committed: boolean;
}

/** A replica: a relay log, workers that apply side by side, and positions that come a little behind the data. */
export class Target {
  readonly table = new Table();
  /** What is committed here; of the source's, by index. */
  readonly has = new Numbers();
  /** What the position here says. */
  readonly says = new Numbers();
  applierRuns = true;
  /** This server's clock is off true time by so much. */
  clockOffMs = 0;
  /** Where its receiver is in the source's binlog. */
  received = 4;
  readonly #options: TargetOptions;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #link: Link;
  readonly #divergence: Divergence;
  readonly #relay: Relayed[] = [];
  readonly #received = new Map<number, number>();
  readonly #noted = new Map<number, number>();
  #committed = 0;
  #arrivesAt = 0;
  #busy = 0;
  readonly #executed = new Numbers();
  readonly #own = new Numbers();
  #ownCount = 0;
  readonly #domains = new Map<number, string>();
  readonly #state = new Map<string, number>();
  #pumpsAt: number | null = null;
  #appliedEnd = 4;

  constructor(time: VirtualTime, random: Random, link: Link, divergence: Divergence, options: TargetOptions) {
    this.#time = time;
    this.#random = random;
    this.#link = link;
    this.#divergence = divergence;
    this.#options = options;
  }

  /** The source has it in its binlog. */
  send(transaction: Transaction): void {
    // One stream: nothing overtakes what was sent before.
    this.#arrivesAt = Math.max(this.#arrivesAt + 0.001, this.#time.now + this.#link.delay());
    this.#time.after(this.#arrivesAt - this.#time.now, () => {
      this.received = transaction.end;
      this.#received.set(transaction.domain, transaction.sequence);
      const left = transaction.domain === this.#options.leavesOut;
      this.#relay.push({ transaction, started: left, finished: left, committed: left });
      if (left) this.#pass(transaction);
      this.#pump();
    });
  }

  /** Written here alone: a difference. `logged`: under a GTID of this server. */
  writeHere(writes: Write[], logged: boolean): void {
    for (const write of writes) {
      this.table.write(write);
      this.#divergence.onTarget(write, this.#time.now);
    }
    if (!logged) return;
    const { flavour, serverId } = this.#options;
    if (flavour === 'mysql') this.#own.add(++this.#ownCount);
    else this.#state.set(`0-${serverId}`, 1 + Math.max(0, ...this.#state.values()));
  }

  /** Another source of this server's writes into the same domain (MariaDB), about tables that nobody compares. */
  hearOther(serverId: number, domain: number, sequence: number): void {
    this.#domains.set(domain, `${domain}-${serverId}-${sequence}`);
    this.#state.set(`${domain}-${serverId}`, sequence);
  }

  startApplier(): void {
    this.applierRuns = true;
    this.#pump();
  }

  stopApplier(): void {
    this.applierRuns = false;
  }

  /** Seconds_Behind_Source: 0 while it has nothing to do, however much is on its way. */
  get secondsBehind(): number | null {
    if (!this.applierRuns) return null;
    const oldest = this.#relay[this.has.upTo];
    if (!oldest) return 0;
    const seconds = (ms: number): number => Math.floor(ms / 1000);
    return Math.max(0, seconds(this.#time.wall + this.clockOffMs) - seconds(oldest.transaction.stampedAt));
  }

  get waitsForWork(): boolean {
    return this.#committed === this.#relay.length;
  }

  executed(sourceUuid: string): string {
    const sets = [this.#executed.print(sourceUuid), this.#own.print(this.#options.uuid)];
    return sets
      .filter((set) => set !== '')
      .sort()
      .join(',\n');
  }

  /** MariaDB: gtid_slave_pos. */
  get applied(): string {
    return [...this.#domains]
      .sort(([a], [b]) => a - b)
      .map(([, gtid]) => gtid)
      .join(',');
  }

  /** MariaDB: gtid_binlog_state. */
  get state(): string {
    return [...this.#state].map(([writer, sequence]) => `${writer}-${sequence}`).join(',');
  }

  /** MariaDB: the newest of each domain that its receiver has. */
  get receivedGtids(): string {
    return [...this.#received].map(([domain, sequence]) => `${domain}-1-${sequence}`).join(',');
  }

  get retrieved(): number {
    return this.#relay.length;
  }

  get appliedEnd(): number {
    return this.#appliedEnd;
  }

  /** What it leaves out only moves its place in the binlog on. */
  #pass({ index }: Transaction): void {
    this.#committed++;
    this.has.add(index + 1);
    this.says.add(index + 1);
    this.#appliedEnd = this.#relay[this.says.upTo - 1]?.transaction.end ?? 4;
  }

  #pump(): void {
    if (!this.applierRuns) return;
    const held = new Set<number>();
    let whole = false;
    let open = 0;
    for (let i = this.has.upTo; i < this.#relay.length && this.#busy < this.#options.workers; i++) {
      const relayed = this.#relay[i] as Relayed;
      if (relayed.committed) continue;
      if (++open > lookAhead) break;
      const { writes, columns } = relayed.transaction;
      const free = !whole && !(columns && i > this.has.upTo) && !writes.some(({ id }) => held.has(id));
      if (!relayed.started && free && !this.#mustWait(relayed)) this.#start(relayed);
      // What comes behind DDL waits for it.
      whole ||= columns !== null;
      for (const { id } of writes) held.add(id);
    }
  }

  /** A delay is reckoned from when the source says that it wrote. */
  #mustWait({ transaction }: Relayed): boolean {
    const { delayMs } = this.#options;
    if (delayMs === 0) return false;
    const left = transaction.at + delayMs - this.#time.now;
    if (left <= 0) return false;
    const at = this.#time.now + left;
    if (this.#pumpsAt === null || this.#pumpsAt > at) {
      this.#pumpsAt = at;
      this.#time.after(left, () => {
        this.#pumpsAt = null;
        this.#pump();
      });
    }
    return true;
  }

  #start(relayed: Relayed): void {
    relayed.started = true;
    this.#busy++;
    const { usual, most } = this.#options.applyMs;
    this.#time.after(this.#random.heavy(usual, most), () => {
      relayed.finished = true;
      this.#commitFinished();
    });
  }

  #commitFinished(): void {
    const waiting = new Set<number>();
    let open = 0;
    for (let i = this.has.upTo; i < this.#relay.length && open <= lookAhead; i++) {
      const relayed = this.#relay[i] as Relayed;
      if (relayed.committed) continue;
      open++;
      if (relayed.finished && !waiting.has(this.#lane(relayed))) this.#commit(relayed);
      else waiting.add(this.#lane(relayed));
    }
    this.#pump();
  }

  /** Within a lane transactions are committed in order. */
  #lane({ transaction: { index, domain } }: Relayed): number {
    const { flavour, keepsOrder } = this.#options;
    if (flavour === 'mariadb') return domain;
    return keepsOrder ? 0 : index;
  }

  #commit(relayed: Relayed): void {
    const { transaction } = relayed;
    relayed.committed = true;
    this.#committed++;
    this.#busy--;
    for (const write of transaction.writes) {
      this.table.write(write);
      this.#divergence.onReplicated(write, this.#time.now);
    }
    if (transaction.columns) this.table.alter(transaction.columns);
    this.has.add(transaction.index + 1);
    // Its place is written down a little after it can be read.
    const late = this.#random.chance(0.3) ? this.#random.between(0, 3) : 0;
    this.#time.after(late, () => this.#note(transaction));
  }

  #note({ index, domain, sequence }: Transaction): void {
    this.says.add(index + 1);
    this.#appliedEnd = this.#relay[this.says.upTo - 1]?.transaction.end ?? 4;
    this.#executed.add(sequence);
    const newest = Math.max(sequence, this.#noted.get(domain) ?? 0);
    this.#noted.set(domain, newest);
    this.#domains.set(domain, `${domain}-1-${newest}`);
    this.#state.set(`${domain}-1`, newest);
  }
}
