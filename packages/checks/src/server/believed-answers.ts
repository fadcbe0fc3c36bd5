import type { ServerConfig } from '../config.ts';
import type { Flavour } from '../model/server.ts';
import type { AnswerBounds } from './answer-bounds.ts';
import type { Answers, Exchange, Sent } from './exchange.ts';
import { faultFrom, unreadable } from './faults.ts';
import { askedByOthers } from './left-behind.ts';
import { questionsStatement } from './questions.ts';
import { type Running, runningFrom, uptimeStatement } from './running.ts';
import { Shown } from './shown.ts';
import type { ServerFacts, ServerFault, SqlRow, SqlValue } from './sql-server.ts';
import { isOneStatement } from './sql-text.ts';
import { anyRow, type Witness } from './witness.ts';

/** So often rows may have come while it was asked whether there are any. */
const maxLooks = 4;

export interface AnsweredBy {
  config: ServerConfig;
  exchange: Exchange;
  facts: Pick<ServerFacts, 'flavour'>;
  witness: Witness;
}

/** Answers of which it is certain who gave them: by the witness in each, or by the session that counts what came. */
export class BelievedAnswers {
  readonly #config: ServerConfig;
  readonly #exchange: Exchange;
  readonly #flavour: Flavour;
  readonly #witness: Witness;

  constructor({ config, exchange, facts, witness }: AnsweredBy) {
    this.#config = config;
    this.#exchange = exchange;
    this.#flavour = facts.flavour;
    this.#witness = witness;
    exchange.is = witness.is;
  }

  /** Rejects with OtherAnswer what was not answered by the server that this connection leads to. */
  async ask<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    { bounds, maxRows, emptyTells = false }: Asking = {},
  ): Promise<T[]> {
    const witness = this.#witness;
    if (!isOneStatement(sql)) throw new Error('one statement was meant, and there is a second in it');
    const ask = async (): Promise<T[]> => {
      const asked = witness.ask(sql, maxRows !== undefined);
      if (asked) {
        const rows = await this.#exchange.send<T>(sql, values, bounds, asked);
        // More than there is room for are cut off, and no fault of anybody's.
        if (rows.length < Math.min(asked.rows ?? 0, maxRows ?? 0)) {
          throw this.#short(`${rows.length} rows of ${asked.rows}`);
        }
        return rows;
      }
      const { rows, refused } = await this.#counted([{ sql, asked }], values, bounds);
      if (refused !== null) throw refused as Error;
      return rows[0] as T[];
    };
    for (let looks = 0; looks < maxLooks; looks++) {
      const rows = await ask();
      if (rows.length > 0 || !emptyTells) return rows;
      const any = witness.ask(sql, false) && witness.ask(anyRow(sql), false);
      if (!any) return rows;
      const [row] = await this.#exchange.send(sql, values, bounds, any);
      if (Object.values(row ?? {}).map(Number)[0] === 0) return rows;
      // Or there are some by now.
    }
    throw this.#short('no row of some');
  }

  #short(sent: string): ServerFault {
    return unreadable(
      this.#config,
      'query',
      `it sends ${sent} that it has: does a proxy keep answers short?`,
    );
  }

  /** Up to the first that is refused. */
  async together(statements: readonly string[]): Promise<Answers> {
    if (!statements.every(isOneStatement)) throw new Error('there is a statement too much');
    const sent = statements.map((sql) => ({ sql, asked: this.#witness.ask(sql, false) }));
    const isTold = sent[0]?.asked != null;
    const mayBeElsewhere = sent.some(({ asked }) => !asked);
    if (isTold && !(mayBeElsewhere && this.#exchange.questions.due)) {
      const answers = await this.#exchange.together(sent);
      // That it may not be told is so for any server of this account's.
      if (answers.witnessed || answers.refused !== null) return answers;
    }
    return await this.#counted(sent);
  }

  /**
   * Since when the server runs, and how many statements of others came to the session, where a SHOW is answered by the
   * session that answers SELECTs, as far as that can be told so; else null.
   */
  async showsToo(): Promise<{ running: Running | null; others: number } | null> {
    const shown = new Shown();
    const askedAt = performance.now();
    const { asked } = this.#exchange.questions;
    const { rows, refused } = await this.#exchange.together([
      ...[uptimeStatement(this.#flavour), shown.statement].map((sql) => ({ sql, asked: null })),
      this.#telling(`SELECT ${shown.item}`),
    ]);
    if (refused !== null || !shown.proves(rows[1], rows[2])) return null;
    return { running: runningFrom(rows[0], askedAt), others: askedByOthers(rows[0], asked) };
  }

  /** Beside a SELECT, as what is asked later. */
  async showTogether(statements: readonly string[]): Promise<SqlRow[][]> {
    const shown = statements.map((sql) => ({ sql, asked: null }));
    const { rows, refused } = await this.#exchange.together([this.#who(), ...shown]);
    if (refused !== null) throw refused as Error;
    return rows.slice(1);
  }

  /** Whether the server counts at all. */
  async #beginToCount(): Promise<void> {
    const { rows, refused } = await this.#exchange.together([this.#count(), this.#count()]);
    const [before, after] = rows.map(questionsIn);
    const counts = refused === null && before !== undefined && after === before + 1;
    this.#exchange.questions.begin(counts ? after : null);
  }

  /**
   * Begins to count with what is asked, and not at connect: to tell it takes a server longer than most of what is asked
   * here. Null where it did not come to that.
   */
  async #countedAnew(
    sent: readonly Sent[],
    values?: readonly SqlValue[],
    bounds?: AnswerBounds,
  ): Promise<Answers | null> {
    const answers = await this.#exchange.together([this.#count(), ...sent, this.#count()], values, bounds);
    const before = answers.rows.shift();
    if (before === undefined || answers.refused !== null) return before === undefined ? null : answers;
    const after = questionsIn(answers.rows.pop() ?? []);
    if (after - questionsIn(before) !== sent.length + 1) return null;
    this.#exchange.questions.begin(after);
    return answers;
  }

  /** Says who answers what it is sent with, and what came to the session, where that is counted. */
  #who(): Sent {
    return this.#exchange.questions.counts ? this.#count() : this.#telling('SELECT 1');
  }

  #count(): Sent {
    return this.#telling(questionsStatement(this.#flavour));
  }

  #telling(sql: string): Sent {
    return { sql, asked: this.#witness.ask(sql, false) };
  }

  /** As an exchange, with what says who answers behind it; of all that was sent the session has to know. */
  async #counted(
    sent: readonly Sent[],
    values?: readonly SqlValue[],
    bounds?: AnswerBounds,
  ): Promise<Answers> {
    const exchange = this.#exchange;
    const { questions } = exchange;
    if (questions.untried) {
      const begun = await this.#countedAnew(sent, values, bounds);
      if (begun) return begun;
      await this.#beginToCount();
    }
    const { counts } = questions;
    const answers = await exchange.together([...sent, this.#who()], values, bounds);
    if (answers.refused !== null) {
      // What refused it is to be this server, too.
      const { kind } = faultFrom(answers.refused, this.#config, 'query');
      const saidNo = kind === 'privilege' || kind === 'statement';
      if (saidNo && !answers.witnessed) await exchange.together([this.#who()]);
      return answers;
    }
    const last = answers.rows.pop() ?? [];
    const compared = counts ? questions.compare(questionsIn(last)) : 'equal';
    if (compared === 'equal') return answers;
    if (compared === 'more') throw exchange.otherAnswer('a session in which somebody else asks, too');
    const again = await this.#countedAnew(sent, values, bounds);
    if (again === null) throw exchange.otherAnswer('a session that was not asked all of it');
    if (again.refused !== null) throw again.refused as Error;
    return again;
  }
}

interface Asking {
  bounds?: AnswerBounds;
  /** There may be many rows, and this many are wanted. */
  maxRows?: number | undefined;
  /** Whether it says anything that no row came; default false. */
  emptyTells?: boolean;
}

function questionsIn(rows: SqlRow[]): number {
  return Number(rows[0]?.['questions']);
}
