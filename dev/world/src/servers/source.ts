import type { Random } from '../time/random.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import { Numbers } from './gtid-text.ts';
import { Table } from './table.ts';
import type { Transaction, Write } from './transaction.ts';

export interface SourceOptions {
  flavour: 'mysql' | 'mariadb';
  uuid: string;
  serverId: number;
}

/**
 * A server that writes. A transaction is in the binlog, and on its way, before it can be read here: for a moment
 * always, and for as long as another replica takes to acknowledge it where semi-synchronous replication waits for that.
 * Transactions become visible in the order of the binlog, and hold their rows until they are.
 */
export class Source {
  readonly table = new Table();
  readonly binlog: Transaction[] = [];
  /** So many of the binlog can be read. */
  shown = 0;
  /** How far this server's own clock is off true time. */
  clockOffMs = 0;
  readonly #options: SourceOptions;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #ready: boolean[] = [];
  readonly #held = new Set<number>();
  readonly #executed = new Numbers();
  readonly #sequences = new Map<number, number>();
  #end = 4;
  /** When each commit waits for another replica; null for those that do not. */
  readonly #waits: ({ from: number; to: number } | null)[] = [];
  /** When each came to be in this server's position. */
  readonly bornAt: number[] = [];
  /** Gets every transaction as it is in the binlog. */
  onBinlog: (transaction: Transaction) => void = () => undefined;

  constructor(time: VirtualTime, random: Random, options: SourceOptions) {
    this.#time = time;
    this.#random = random;
    this.#options = options;
  }

  /** What the table holds as its writers see it: they wait for each other's rows. */
  isHeld(id: number): boolean {
    return this.#held.has(id);
  }

  /**
   * Commits; `hiddenMs` is how long it takes until it can be read. Returns false, having done nothing, where another
   * transaction holds one of the rows.
   */
  commit(writes: Write[], hiddenMs: number, domain = 0, columns: string[] | null = null): boolean {
    if (writes.some(({ id }) => this.#held.has(id))) return false;
    // DDL waits for all who use the table, and they for it.
    if (this.#held.has(-1) || (columns && this.#held.size > 0)) return false;
    const sequence = this.#nextSequence(domain);
    this.#end += 120 + 40 * writes.length;
    const at = this.#time.now;
    const transaction: Transaction = {
      index: this.binlog.length,
      domain,
      sequence,
      writes,
      columns,
      end: this.#end,
      at,
      stampedAt: this.#time.wall + this.clockOffMs,
    };
    for (const { id } of writes) this.#held.add(id);
    if (columns) this.#held.add(-1);
    this.binlog.push(transaction);
    this.#ready.push(false);
    // A commit waits for its acknowledgement neither from the very first moment on, nor to the very last.
    this.#waits.push(hiddenMs > 20 ? { from: at + 0.2, to: at + hiddenMs - 0.5 } : null);
    if (this.#options.flavour === 'mariadb') this.bornAt.push(at);
    this.#time.after(hiddenMs, () => {
      this.#ready[transaction.index] = true;
      this.#show();
    });
    this.onBinlog(transaction);
    return true;
  }

  /** The table as it is with all that is written, and cannot be read yet. */
  withPending(): Table {
    const table = this.table.copy();
    for (const { writes } of this.binlog.slice(this.shown)) writes.forEach((write) => table.write(write));
    return table;
  }

  #nextSequence(domain: number): number {
    const key = this.#options.flavour === 'mysql' ? 0 : domain;
    const next = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, next);
    return next;
  }

  #show(): void {
    for (
      let next = this.binlog[this.shown];
      next && this.#ready[next.index];
      next = this.binlog[this.shown]
    ) {
      this.shown++;
      for (const write of next.writes) {
        this.table.write(write);
        this.#held.delete(write.id);
      }
      if (next.columns) {
        this.table.alter(next.columns);
        this.#held.delete(-1);
      }
      // The set of what was executed comes a little behind what can be read.
      const late = this.#random.chance(0.3) ? this.#random.between(0, 3) : 0;
      this.#time.after(late, () => this.#execute(next));
    }
  }

  #execute({ index, sequence }: Transaction): void {
    this.#executed.add(sequence);
    if (this.#options.flavour === 'mysql') this.bornAt[index] = this.#time.now;
  }

  /** MySQL. */
  get executed(): string {
    return this.#executed.print(this.#options.uuid);
  }

  /** MySQL: what is being committed, and by which thread. */
  get owned(): string {
    const open = this.binlog.filter(({ sequence }) => !this.#executed.includes(sequence));
    const { uuid } = this.#options;
    return open.map(({ sequence, index }) => `${uuid}:${sequence}#${index + 8}`).join(',\n');
  }

  /** MariaDB: the newest of each domain in the binlog. */
  get written(): string {
    const { serverId } = this.#options;
    return [...this.#sequences]
      .sort(([a], [b]) => a - b)
      .map(([domain, sequence]) => `${domain}-${serverId}-${sequence}`)
      .join(',');
  }

  get end(): number {
    return this.#end;
  }

  /** MariaDB: up to where in the binlog it shows what it wrote. */
  get shownEnd(): number {
    return this.binlog[this.shown - 1]?.end ?? 4;
  }

  /** How many commits wait for another replica: of several that do, the first waits for all. */
  get waiting(): number {
    const { now } = this.#time;
    const first = this.#waits[this.shown];
    return first && now >= first.from && now < first.to ? 1 : 0;
  }
}
