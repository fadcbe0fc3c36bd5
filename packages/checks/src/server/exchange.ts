import type { FieldPacket } from 'mysql2';
import type { ServerConfig } from '../config.ts';
import type { AnswerBounds } from './answer-bounds.ts';
import { otherAnswer } from './faults.ts';
import { Questions } from './questions.ts';
import { forgetRowParsers, isTooLongToKeep } from './row-parsers.ts';
import type { ServerFault, SqlRow, SqlValue } from './sql-server.ts';
import type { Wire } from './wire.ts';
import { type Asked, saidBy, unasked } from './witness.ts';

/** The most that any server has in one answer. */
const maxColumns = 4096;

/** One of the statements that are sent as one. */
export interface Sent {
  sql: string;
  asked: Asked | null;
}

/** Of statements that were sent as one: the rows of each that was answered, and why the next was not. */
export interface Answers {
  rows: SqlRow[][];
  refused: unknown;
  /** Some row said who answered, rightly. */
  witnessed: boolean;
}

/** What goes over a wire, in turn: statements that are sent as one, and of each its rows. */
export class Exchange {
  readonly #wire: Wire;
  readonly #config: ServerConfig;
  readonly #bounds: AnswerBounds;
  readonly questions = new Questions();
  /** Who is at the other end, as a `Witness` prints it; empty until that is known. */
  is = '';

  /** `bounds`: of an answer, unless one asks for more. */
  constructor(wire: Wire, config: ServerConfig, bounds: AnswerBounds) {
    this.#wire = wire;
    this.#config = config;
    this.#bounds = bounds;
  }

  /** One statement; rejects with why it was refused. */
  async send<T extends SqlRow>(
    sql: string,
    values: readonly SqlValue[] = [],
    bounds: AnswerBounds = this.#bounds,
    asked: Asked | null = null,
  ): Promise<T[]> {
    const { rows, refused } = await this.together([{ sql, asked }], values, bounds);
    if (refused !== null) throw refused as Error;
    return rows[0] as T[];
  }

  /**
   * Rows are taken one by one, so that an answer without an end is noticed before it fills the memory; each answer has
   * its own bounds. Rejects with OtherAnswer where somebody else answered.
   */
  together(
    sent: readonly Sent[],
    values: readonly SqlValue[] = [],
    { bytes, rows: maxRows }: AnswerBounds = this.#bounds,
  ): Promise<Answers> {
    const wire = this.#wire;
    const sql = sent.map(({ sql, asked }) => asked?.sql ?? sql).join('; ');
    let forgets = false;
    const answered = wire.ask<Answers>(sql, values, bytes, (statement, resolve, reject) => {
      const answers: SqlRow[][] = [];
      let rows: SqlRow[] = [];
      let names: string[] = [];
      let asked: Asked | null = null;
      let other: string | null = null;
      let witnessed = false;
      let who = Infinity;
      let isSettled = false;
      // The driver says of a refusal that it is the end, too.
      const settle = (whole: number, refused: unknown): void => {
        if (isSettled) return;
        isSettled = true;
        this.questions.sent(whole + (refused === null ? 0 : 1));
        if (other === null) resolve({ rows: answers.slice(0, whole), refused, witnessed });
        else reject(this.otherAnswer(other));
      };
      // What comes before it is whole; the driver counts the answers that it has read to their ends.
      statement.on('error', (error: unknown) => settle(resultIndexOf(statement), error));
      statement.on('fields', (fields: FieldPacket[] = []) => {
        if (answers.length === sent.length) wire.tooMuch('it answers more than it was asked');
        asked = sent[answers.length]?.asked ?? null;
        who = Infinity;
        rows = [];
        answers.push(rows);
        forgets ||= isTooLongToKeep(fields);
        // The driver writes a program for them.
        if (fields.length > maxColumns) throw new RangeError(`it has ${fields.length} columns`);
        names = fields.map(({ name }) => name);
        wire.allow(bytes);
        if (!asked) return;
        who = names.indexOf(asked.column);
        if (who < 0) other = unasked;
        else names.splice(who, 1);
      });
      statement.on('result', (values: unknown) => {
        // What is no row is the server's word that a statement without an answer is done.
        if (!Array.isArray(values)) return;
        if (rows.length >= maxRows) wire.tooMuch(`its answer has more than ${maxRows} rows`);
        else rows.push(named(names, values as SqlValue[], who));
        if (!asked) return;
        if (asked.isSaidIn(String(values[who]))) witnessed = true;
        else other ??= saidBy(String(values[who]), this.is, asked.number);
      });
      statement.on('end', () => {
        // Something in between took the first for all.
        if (answers.length < sent.length) other ??= unasked;
        settle(answers.length, null);
      });
    });
    return answered.finally(() => {
      if (forgets) forgetRowParsers();
    });
  }

  /** `by`: in the place of who is at the other end. */
  otherAnswer(by: string): ServerFault {
    return otherAnswer(this.#config, this.is, by);
  }
}

function resultIndexOf(statement: object): number {
  return (statement as { _resultIndex: number })._resultIndex;
}

/** Rows share it, for a row made of null itself is a table of its own, at three times the memory. */
const nothing = Object.freeze(Object.create(null) as object);

/** By its columns' names, in an object that has no properties but those. */
function named(names: readonly string[], values: SqlValue[], skipped: number): SqlRow {
  const row = Object.create(nothing) as SqlRow;
  for (let i = 0; i < names.length; i++) row[names[i] as string] = values[i < skipped ? i : i + 1] ?? null;
  return row;
}
