import { addAbortListener } from 'node:events';
import {
  type Lane,
  type QueryOptions,
  type ServerFacts,
  ServerFault,
  type SqlRow,
  type SqlServer,
} from '../engine.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import { UnknownColumn } from './answer-table.ts';
import type { Link } from './link.ts';

export interface MonitoredOptions {
  name: string;
  facts: ServerFacts;
  time: VirtualTime;
  /** Between the monitor and the server. */
  link: Link;
  /** Null for a statement that it does not know. */
  answer: (sql: string, pending: boolean) => SqlRow[] | null;
}

const defaultMs = { sampler: 5000, status: 5000, checks: 60_000 };
const unknownColumn = 1054;

/**
 * A server as the engine sees it. A statement is on its way, is answered as of one moment, and its answer is on its
 * way: each takes a time that nobody foresees, and the deadline or the caller's signal may come first.
 */
export class Monitored implements SqlServer {
  readonly name: string;
  readonly facts: ServerFacts;
  connected = true;
  evidence = 'connected';
  /** Statements that the world cannot answer: its fault, not the engine's. */
  readonly unknown: string[] = [];
  /** Told of every statement at the very moment as of which it is answered. */
  onAnswer: (sql: string, lane: Lane) => void = () => undefined;
  readonly #options: MonitoredOptions;
  /** What is asked, by what ends it when its connection is lost. */
  readonly #asked = new Set<() => void>();
  #brokenUntil = 0;

  constructor(options: MonitoredOptions) {
    this.name = options.name;
    this.facts = options.facts;
    this.#options = options;
  }

  get state(): { host: string; port: number } {
    return { host: `${this.name}.world`, port: 3306 };
  }

  /** All connections are lost, with what is asked on them, and for so long there is no other. */
  break(ms: number): void {
    const { time } = this.#options;
    this.#brokenUntil = Math.max(this.#brokenUntil, time.now + ms);
    this.connected = false;
    this.evidence = 'connection lost';
    for (const lose of [...this.#asked]) lose();
    time.after(this.#brokenUntil - time.now, () => {
      if (time.now < this.#brokenUntil) return;
      this.connected = true;
      this.evidence = 'connected';
    });
  }

  reportMissing(): void {}
  clearMissing(): void {}
  reportFault(): Promise<void> {
    return Promise.resolve();
  }

  query<T extends SqlRow = SqlRow>(
    sql: string,
    _values?: readonly unknown[],
    { timeoutMs, signal, lane = 'checks', pending = false }: QueryOptions = {},
  ): Promise<T[]> {
    const { time, link } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const fail = () => {
        const fault = new ServerFault('connection', this.name, `${this.name}: connection lost`);
        time.wake(1, () => reject(fault));
      };
      if (!this.connected) return fail();
      const patience = timeoutMs ?? defaultMs[lane];
      const deadline = time.wake(patience, () => {
        done();
        reject(new ServerFault('timeout', this.name, `${this.name}: no answer within ${patience} ms`));
      });
      let over = false;
      const done = () => {
        over = true;
        deadline.cancelled = true;
        listening?.[Symbol.dispose]();
        this.#asked.delete(lose);
      };
      const lose = () => {
        done();
        fail();
      };
      this.#asked.add(lose);
      const abort = () => {
        done();
        reject(signal?.reason as Error);
      };
      const listening = signal && addAbortListener(signal, abort);
      time.after(link.delay(), () => {
        if (over) return;
        const settle = this.#settle(sql, lane, pending);
        time.wake(link.delay(), () => {
          if (over) return;
          done();
          settle(resolve as (rows: SqlRow[]) => void, reject);
        });
      });
    });
  }

  /** One after the other, as a packet of several is answered. */
  async queryTogether(
    statements: readonly string[],
    options?: QueryOptions,
  ): Promise<(SqlRow[] | ServerFault)[]> {
    const settled: (SqlRow[] | ServerFault)[] = [];
    for (const sql of statements) settled.push(await this.query(sql, [], options));
    return settled;
  }

  /** Answers now; what it answers arrives later. */
  #settle(
    sql: string,
    lane: Lane,
    pending: boolean,
  ): (resolve: (rows: SqlRow[]) => void, reject: (error: Error) => void) => void {
    try {
      const rows = this.#options.answer(sql, pending);
      if (rows) {
        this.onAnswer(sql, lane);
        return (resolve) => resolve(rows);
      }
      this.unknown.push(sql);
      return (_, reject) => reject(new ServerFault('statement', this.name, `unknown statement: ${sql}`));
    } catch (error) {
      const message = `${this.name}: ${String(error)}`;
      const altered = error instanceof UnknownColumn;
      if (!altered) this.unknown.push(`${sql}: ${String(error)}`);
      return (_, reject) =>
        reject(new ServerFault('statement', this.name, message, altered ? unknownColumn : 0));
    }
  }
}
