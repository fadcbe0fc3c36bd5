import { performance } from 'node:perf_hooks';
import { onTestFinished, vi } from 'vitest';
import type { Position } from '../../../src/position/position.ts';
import type { QueryOptions, SqlServer } from '../../../src/server/sql-server.ts';
import { type Chunk, wholeTable } from '../../../src/verify/chunk/chunk.ts';
import type { Digest, Listed, TableSide } from '../../../src/verify/chunk/table-side.ts';
import { keyId, type KeyValues, type SideKey } from '../../../src/verify/key/key.ts';
import type { TableBarrier } from '../../../src/verify/settle/barrier.ts';
import type { SettleOptions } from '../../../src/verify/settle/options.ts';
import { Undecidable } from '../../../src/verify/undecidable.ts';

/** A row's content as hexadecimal digits; null is too large to be hashed. */
export type Content = string | null;

interface Row {
  key: number;
  content: Content;
  /** Its key as it is printed, where that is not the key. */
  printed?: string;
}

/** What a side is asked, as its own name for the question. */
export type Question = 'digest' | 'list' | 'byKeys' | 'digestOfKeys' | 'boundary' | 'multiset' | 'contents';

/** One side's table: rows in memory, by the questions of verification. */
export class SideInMemory {
  readonly server: SqlServer;
  readonly #rows = new Map<number, Row>();
  #inOrder: Row[] | null = null;
  /** What is written and not committed, in the place of the rows; null where nothing is. */
  pending: Row[] | null = null;
  showsPending = true;
  key = { ranged: true, columns: [{ kind: 'text' }] } as unknown as SideKey;
  readonly asked: Question[] = [];
  /** Called before each question is answered, with how many of its kind there were before. */
  before: (question: Question, count: number) => void = () => undefined;
  readonly #answered: () => void;

  constructor(name: string, answered: () => void) {
    this.server = { name } as SqlServer;
    this.#answered = answered;
  }

  put(key: number, content: Content, printed?: string): void {
    this.#rows.set(key, { key, content, ...(printed === undefined ? {} : { printed }) });
    this.#inOrder = null;
  }

  remove(key: number): void {
    this.#rows.delete(key);
    this.#inOrder = null;
  }

  get rows(): Row[] {
    this.#inOrder ??= [...this.#rows.values()].sort((a, b) => a.key - b.key);
    return this.#inOrder;
  }

  digest(chunk: Chunk, options: QueryOptions): Promise<Digest> {
    this.#ask('digest', options);
    return Promise.resolve(digestOf(within(this.rows, chunk)));
  }

  digestOfKeys(keys: KeyValues[], chunk: Chunk, options: QueryOptions): Promise<Digest> {
    this.#ask('digestOfKeys', options);
    return Promise.resolve(digestOf(this.#named(keys, chunk, options)));
  }

  digestOfHashes(hashes: string[]): Digest {
    return digestOf(hashes.map((content) => ({ key: 0, content })));
  }

  list(chunk: Chunk, limit: number, options: QueryOptions): Promise<Listed> {
    this.#ask('list', options);
    return Promise.resolve(listed(within(this.rows, chunk).slice(0, limit)));
  }

  byKeys(keys: KeyValues[], chunk: Chunk, options: QueryOptions): Promise<Listed> {
    this.#ask('byKeys', options);
    return Promise.resolve(listed(this.#named(keys, chunk, options)));
  }

  boundary(chunk: Chunk, rows: number, options: QueryOptions): Promise<KeyValues | null> {
    this.#ask('boundary', options);
    const row = within(this.rows, chunk)[rows - 1];
    return Promise.resolve(row ? [row.key] : null);
  }

  multiset(options: QueryOptions): Promise<Map<string, number>> {
    this.#ask('multiset', options);
    return Promise.resolve(counted(this.#shown(options)));
  }

  contents(
    hashes: string[],
    select: string[],
    options: QueryOptions,
  ): Promise<Map<string, { rows: number; values: string[] }>> {
    this.#ask('contents', options);
    const found = [...counted(this.#shown(options))].filter(([hash]) => hashes.includes(hash));
    return Promise.resolve(
      new Map(
        found.map(([hash, rows]) => [hash, { rows, values: select.map((sql) => `${sql} of ${hash}`) }]),
      ),
    );
  }

  #ask(question: Question, { timeoutMs, signal }: QueryOptions): void {
    if (timeoutMs !== statementMs || !signal) throw new Error(`${question} has no end of its own`);
    const count = this.asked.filter((each) => each === question).length;
    this.asked.push(question);
    this.before(question, count);
    this.#answered();
  }

  #shown({ pending }: QueryOptions): Row[] {
    return (pending ? this.pending : null) ?? this.rows;
  }

  /** By the key itself: what another key is printed as finds nothing. */
  #named(keys: KeyValues[], chunk: Chunk, options: QueryOptions): Row[] {
    const wanted = new Set(keys.map(keyId));
    return within(this.#shown(options), chunk).filter(({ key }) => wanted.has(String(key)));
  }
}

const answerMs = 5;
const statementMs = 1000;
/** In the place of a content: the row is deleted. */
export const gone = 'gone';

/** A source, a target that gets what the source writes when it is waited for, and who may hide what. */
export class PairInMemory {
  /** What `performance.now` says: each answer takes a few milliseconds, and nothing else any. */
  now = 0;
  readonly source = new SideInMemory('a', () => (this.now += answerMs));
  readonly target = new SideInMemory('b', () => (this.now += answerMs));
  /** The number of the last transaction that the source wrote, and of the last that the target has. */
  written = 1;
  reached = 1;
  readonly #binlog = new Map<number, () => void>();
  /** Each time it is asked whether the source shows all, so long it was seen to hide something. */
  hides: () => number = () => 0;
  hasPositions = true;
  stuck: string | null = null;
  within = wholeTable;
  maxRounds = 10;
  pauses = 0;
  readonly #ended = new AbortController();
  /** Pauses would take for ever, and it is told to end in the first of them. */
  endsInPause = false;

  constructor() {
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => this.now);
    onTestFinished(() => clock.mockRestore());
  }

  readonly kept: string[] = [];
  readonly barrier: TableBarrier = {
    unproved: null,
    hidesUnseen: false,
    leavesOut: () => null,
    sourcePosition: () => Promise.resolve(this.hasPositions ? at(this.written) : null),
    targetPosition: () => Promise.resolve(this.hasPositions ? at(this.reached) : null),
    untilTargetHas: (position) => {
      if (this.stuck !== null) return Promise.reject(new Undecidable(this.stuck));
      this.apply(position ? Number(position.text.split('-')[2]) : this.written);
      return Promise.resolve();
    },
    untilSourceHas: () => Promise.resolve(this.hides()),
    keepUnproved: (because) => this.kept.push(because),
  };

  /** The same rows on both sides. */
  both(...rows: [key: number, content: Content, printed?: string][]): this {
    for (const row of rows) {
      this.source.put(...row);
      this.target.put(...row);
    }
    return this;
  }

  /** A transaction of the source's, on its way to the target. */
  write(key: number, content: Content): void {
    const change = (side: SideInMemory) => (content === gone ? side.remove(key) : side.put(key, content));
    change(this.source);
    this.#binlog.set(++this.written, () => change(this.target));
  }

  apply(until = this.written): void {
    while (this.reached < until) this.#binlog.get(++this.reached)?.();
  }

  get options(): SettleOptions {
    return {
      source: this.source as unknown as TableSide,
      target: this.target as unknown as TableSide,
      barrier: this.barrier,
      within: this.within,
      signal: this.#ended.signal,
      statementMs,
      maxRounds: this.maxRounds,
      pauseMs: () => {
        this.pauses++;
        if (!this.endsInPause) return 0;
        setImmediate(() => this.#ended.abort());
        return 10 * 60_000;
      },
    };
  }
}

export function at(sequence: number): Position {
  return { kind: 'mariadb-gtid', text: `0-1-${sequence}` };
}

function within(rows: Row[], { from, to }: Chunk): Row[] {
  return rows.filter(
    ({ key }) => (from === null || key > Number(from[0])) && (to === null || key <= Number(to[0])),
  );
}

function digestOf(rows: Pick<Row, 'content'>[]): Digest {
  const hashed = rows.flatMap(({ content }) => content ?? []);
  const sum = hashed.reduce((all, content) => all + BigInt(`0x${content}`), 0n);
  return { rows: rows.length, sum, oversized: rows.length - hashed.length };
}

function listed(rows: Row[]): Listed {
  const all: Listed = new Map();
  for (const { key, content, printed } of rows) {
    const id = printed ?? String(key);
    const twin = all.get(id);
    const hash = twin ? [twin.hash, content].sort().join('+') : content;
    all.set(id, { key: [printed ?? key], hash, copies: (twin?.copies ?? 0) + 1 });
  }
  return all;
}

function counted(rows: Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { content } of rows) counts.set(content ?? '', (counts.get(content ?? '') ?? 0) + 1);
  return counts;
}
