import { randomInt } from 'node:crypto';
import type { Instance } from './instance.ts';
import { ident } from './sql-text.ts';

/** Of what an instance tells, what a SELECT may ask of any account; `server_id` where there is nothing better. */
const askable = ['server_uuid', 'server_uid', 'hostname', 'port', 'aurora_server_id', 'wsrep_node_name'];

/** Of how the session was set up, what another value of would tell of other rows, or of others' values in them. */
const decisive = [
  'sql_mode',
  'sql_select_limit',
  'time_zone',
  'character_set_client',
  'character_set_results',
  'collation_connection',
  'system_versioning_asof',
  'wsrep_dirty_reads',
  'in_transaction',
];
const isolations = ['transaction_isolation', 'tx_isolation'];

/** Variables of the whole server and nothing else: they are the same however the session is set up. */
const ofServer = /^(?:@@global\.\w+(?:\s+AS\s+\w+)?(?:,\s*|\s*$))+$/i;
/** How long those are asked without that, which takes a server longer to look up than what is asked. */
const settingsMs = 900;

const variable = '@lockstep';

/** As an alias of ours, no column can have it. */
const column = 'lockstep who ';

/** So many digits come back where an answer is a row or a few, and where it may be many. */
const [long, short] = [1_000_000_000, 100];
/** What is put before the latter: how many rows there are. */
const howMany = `COUNT(*) OVER () * ${short}`;

export function newMark(): number {
  return randomInt(long);
}

/**
 * An assignment, to be made with those that set the session up: it is lost where they are, to one who shares the
 * session, or who gives it back reset.
 */
export function markedAs(mark: number): string {
  return `${variable} = ${mark}`;
}

/** As an expression, how the session is set up in what is decisive, of the variables that the server has. */
export function settingsOf(has: (name: string) => boolean): string {
  return `CONCAT_WS('/', ${decisiveOf(has).join(', ')})`;
}

function decisiveOf(has: (name: string) => boolean): string[] {
  return [...decisive, ...isolations].filter(has).map((name) => `@@SESSION.${name}`);
}

/** A statement that brings with its answer who gave it. */
export interface Asked {
  sql: string;
  column: string;
  /** Whether that column says, in a row, that it is of the answer to this, and of the right server. */
  isSaidIn: (value: string) => boolean;
  /** How many rows the server has for it, by its last row; null before that, and where that is not asked. */
  rows: number | null;
  /** That it was asked with. */
  number: string;
}

/** Whoever gave it. */
export const unasked = 'an answer to another question';

/** Who gave an answer, for a sentence: `came` in the place of what was expected; `is` as a witness prints who it is. */
export function saidBy(came: string, is: string, number: string): string {
  if (/^-\d+$/.test(came)) return 'another session, or its own, which somebody else has set up otherwise';
  const place = `${came}/`.indexOf(`/${number}/`);
  if (place < 0) return unasked;
  const who = came.slice(0, place);
  return who === is ? 'its session, which somebody else has set up otherwise' : who;
}

/**
 * Puts the question who answers into a SELECT, as a column of its own: what the server and the session call themselves,
 * the number that was asked for, and how the session is set up. It is judged here, for a server would look up each of
 * that twice, to judge it and to print it. An answer can come from elsewhere though the connection is one: from behind
 * a proxy that sends SELECTs to replicas, that gives each statement another session, or that remembers answers. A UNION
 * has to be asked as a SELECT from it. How the session is set up goes with every answer that may depend on it, and with
 * others about once a second.
 *
 * A column, because a row before the others would make a UNION of the statement, with columns of other types; where
 * there may be many rows with a number in it alone, because it comes with each, and with how many there are: for some
 * in between send a part of an answer only. The number is a literal and not an
 * alias, because a server sums up statements by their texts without literals, and each new one would take a place in
 * that list.
 *
 * What is no SELECT has no place for it, and goes in one packet with a SELECT that has: what is sent as one is answered
 * by one, and by none that remembers, for the SELECT's number is in its text.
 */
export class Witness {
  readonly #who: string;
  /** As the witness would print it. */
  readonly is: string;
  /** Of this session, as it was set up here. */
  readonly #mark: number;
  /**
   * For answers of many rows: texts cost a server more than the hash of a short row, in each, and so does a number that
   * may be a text. Null: not known.
   */
  readonly #brief: string | null = null;
  /** Whether it knows, in a row, how many there are. */
  readonly #counts: boolean;
  #number = randomInt(long);
  /** Variables that say how the session is set up, and how they are printed together; null: not known yet. */
  #settings = '';
  #printed: string | null = null;
  /** When they were asked for last, on Node's monotonic clock. */
  #settingsAt = -Infinity;

  /**
   * `session`: the number by which the server knows it, where that is known; `mark`: that it has, or shall have;
   * `counts`: it knows window functions.
   */
  constructor(
    instance: Instance,
    session: string | undefined,
    { mark = newMark(), counts = false }: { mark?: number | undefined; counts?: boolean } = {},
  ) {
    this.#mark = mark;
    this.#counts = counts;
    const names = askable.filter((name) => instance[name] !== undefined);
    const own = ['server_uuid', 'server_uid'].some((name) => names.includes(name));
    if (!own && instance['server_id'] !== undefined) names.push('server_id');
    const known = session === undefined ? [] : [session];
    this.#who = [...names.map((name) => `@@${name}`), ...known.map(() => 'CONNECTION_ID()')].join(', ');
    this.is = [...names.map((name) => instance[name]), ...known].join('/');
    if (session === undefined) return;
    const serverId = instance['server_id'];
    if (serverId && /^\d+$/.test(serverId + session)) {
      this.#brief = `CONNECTION_ID() = ${session} AND @@server_id = ${serverId}`;
    }
  }

  get mark(): string {
    return markedAs(this.#mark);
  }

  /** What a server that has these variables makes of `settingsOf`. */
  settledAs(has: (name: string) => boolean, printed: string): void {
    this.#settings = decisiveOf(has).join(', ');
    this.#printed = printed;
  }

  /** The session was told so, e.g. READ-COMMITTED. */
  isolation(level: string): void {
    this.#printed = this.#printed?.replaceAll(/READ-(UN)?COMMITTED/g, level) ?? null;
  }

  /** Null for what is no SELECT. */
  ask(sql: string, mayBeMany: boolean): Asked | null {
    const rest = /^\s*SELECT\s+(.*)$/is.exec(sql)?.[1];
    if (rest === undefined) return null;
    this.#number = (this.#number + 1) % long;
    const number = String(this.#number);
    const isBrief = mayBeMany && this.#brief !== null;
    const [told, expected] = isBrief ? this.#briefly(this.#brief) : this.#told(number, rest);
    // What asks for so many and no more wants to know of no others.
    const counted = isBrief && this.#counts && !/\bLIMIT \d+\s*$/i.test(rest);
    const item = `${told}${counted ? ` + ${howMany}` : ''} AS ${ident(column)}`;
    // A `*` is written before all others.
    const items = rest.startsWith('*') ? `*, ${item} ${rest.slice(1)}` : `${item}, ${rest}`;
    const asked: Asked = {
      sql: `SELECT ${items}`,
      column,
      isSaidIn: (value) => {
        if (!counted) return value === expected;
        const number = Number(value);
        asked.rows = Math.floor(number / short);
        return number >= short && String(number % short) === expected;
      },
      rows: null,
      number,
    };
    return asked;
  }

  #told(number: string, rest: string): [expression: string, expected: string] {
    const told = `${this.#who}, ${number}, ${variable}`;
    const expected = `${this.is}/${number}/${this.#mark}`;
    if (this.#printed === null || !this.#asksForSettings(rest)) return [`CONCAT_WS('/', ${told})`, expected];
    return [`CONCAT_WS('/', ${told}, ${this.#settings})`, `${expected}/${this.#printed}`];
  }

  #asksForSettings(rest: string): boolean {
    const now = performance.now();
    if (now - this.#settingsAt < settingsMs && ofServer.test(rest)) return false;
    this.#settingsAt = now;
    return true;
  }

  /** The whole number is in the text either way, which is thus never one that somebody remembers. */
  #briefly(same: string): [expression: string, expected: string] {
    const expected = String(this.#number % short);
    const other = `-${long + this.#number}`;
    return [`IF(${variable} = ${this.#mark} AND ${same}, ${expected}, ${other})`, expected];
  }
}

/**
 * Always has a row: whether `sql` has any. Not a count of them in a derived table: MySQL merges it with its ORDER BY,
 * and then does not know what that names.
 */
export function anyRow(sql: string): string {
  return `SELECT EXISTS (${sql}) AS ${ident('lockstep any ')}`;
}
