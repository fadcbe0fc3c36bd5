import type { ServerConfig } from '../config.ts';
import type { AnswerBounds } from './answer-bounds.ts';
import { BelievedAnswers } from './believed-answers.ts';
import type { Exchange } from './exchange.ts';
import { beginAsBefore, type Familiar, isFamiliar } from './familiar.ts';
import { otherAnswer, syntaxErrno, unknownVariableErrno } from './faults.ts';
import { atLeast } from './flavour.ts';
import { foreignText } from './foreign-text.ts';
import { instanceFrom, instanceNames } from './instance.ts';
import { leftBehind, tablesMade, tablesMadeStatement } from './left-behind.ts';
import { notMysql, unrecognised } from './not-mysql.ts';
import { type Running, runningFrom, uptimeStatement } from './running.ts';
import {
  factsFrom,
  factsStatement,
  isReadOnly,
  sessionNumber,
  showStatement,
  statementLimit,
} from './session.ts';
import {
  firstStatement,
  fittedTo,
  heldSeconds,
  isSet,
  mayBeHeld,
  readBackStatement,
  type SessionVariable,
  sessionVariables,
  setStatement,
} from './session-variables.ts';
import type { ServerFacts, SqlRow } from './sql-server.ts';
import { sampleItems, whatChanged } from './unchanged.ts';
import type { Wire } from './wire.ts';
import { settingsOf, Witness } from './witness.ts';

export interface SessionLimits {
  lockWaitSeconds: number;
  /** The server's own limit on a statement, unless one asks for more. */
  statementMs: number;
  /** Of a statement, unless one asks for more rows. Default: as for checks. */
  answer?: AnswerBounds;
}

interface Prepared {
  facts: ServerFacts;
  readOnly: boolean;
  number: number;
  witness: Witness;
  answers: BelievedAnswers;
  familiar: Familiar;
}

/** What server this is, and its session as Lockstep set it up. */
export class PreparedSession {
  readonly facts: ServerFacts;
  readonly readOnly: boolean;
  /** By which the server itself knows it. */
  readonly number: number;
  readonly answers: BelievedAnswers;
  /** For connections after this one. */
  readonly familiar: Familiar;
  readonly #exchange: Exchange;
  readonly #limits: SessionLimits;
  readonly #witness: Witness;
  #limitMs: number;
  #readsPending = false;

  private constructor(exchange: Exchange, limits: SessionLimits, prepared: Prepared) {
    this.#exchange = exchange;
    this.#limits = limits;
    this.#limitMs = limits.statementMs;
    this.facts = prepared.facts;
    this.readOnly = prepared.readOnly;
    this.number = prepared.number;
    this.answers = prepared.answers;
    this.familiar = prepared.familiar;
    this.#witness = prepared.witness;
  }

  /**
   * Five round trips: guard the questions, ask what server it is, set what is not so yet, see that it is; and once more
   * who answers, by a SHOW and by a SELECT that are sent as one. Two where the server is `familiar` from before.
   */
  static async prepare(
    wire: Wire,
    exchange: Exchange,
    config: ServerConfig,
    limits: SessionLimits,
    familiar: Familiar | null,
  ): Promise<PreparedSession> {
    const wanted = sessionVariables(limits);
    const { greeted, openedAt: learnedAt } = wire;
    mustBeMysql(greeted);
    if (familiar && isFamiliar(familiar, wire)) {
      const fitted = fittedTo((name) => familiar.has.has(name), wanted);
      const begun = await beginAsBefore(exchange, familiar, fitted, limits).catch((error: unknown) => {
        if (wire.closed) throw error;
        return null;
      });
      if (begun) {
        const { variables, mark, settings, running, others } = begun;
        const about = factsAndWitness(variables, mark);
        about.facts.running = running;
        const answers = new BelievedAnswers({ config, exchange, ...about });
        about.witness.settledAs((name) => variables.has(name), settings);
        wire.phase = 'query';
        if (others !== 0) await mustHoldNoTables(answers, about.facts);
        return new PreparedSession(exchange, limits, { ...about, answers, familiar });
      }
    }
    let member = true;
    await exchange.send(firstStatement(limits, member)).catch(async (error: unknown) => {
      if ((error as { errno?: number }).errno !== unknownVariableErrno) throw error;
      member = false;
      await exchange.send(firstStatement(limits, member));
    });
    const variables = variablesIn(await exchange.send(factsStatement(wanted)));
    const about = factsAndWitness(variables);
    wire.phase = 'query';
    const { witness } = about;
    const has = (name: string) => variables.has(name);
    const answers = new BelievedAnswers({ config, exchange, ...about });
    const known = fittedTo(has, wanted).filter(({ name }) => has(name));
    const unset = known.filter(
      (variable) =>
        !variable.tells && (variable.always || !isSet(variable, variables.get(variable.name) ?? '')),
    );
    await exchange.send(setStatement(unset, witness.mark));
    const [session] = await answers.ask(
      `${readBackStatement(known)}, ${settingsOf(has)} AS settings, ${sampleItems}`,
    );
    const changed = whatChanged(session);
    if (changed !== null) throw new Error(changed);
    for (const variable of known) {
      const is = String(session?.[variable.name] ?? '');
      if (!isSet(variable, is)) throw new SessionRefused(variable, is);
    }
    witness.settledAs(has, String(session?.['settings']));
    const shown = await answers.showsToo();
    about.facts.running = shown ? shown.running : await mustShowTheSame(answers, config, about);
    if (shown?.others !== 0) await mustHoldNoTables(answers, about.facts);
    // Of what was tried before, this session is so already.
    const toSet = new Set([...unset.map(({ name }) => name), ...[...(familiar?.unset ?? [])].filter(has)]);
    return new PreparedSession(exchange, limits, {
      ...about,
      answers,
      familiar: {
        greeted,
        flavour: about.facts.flavour,
        member,
        running: about.facts.running,
        has: new Set(variables.keys()),
        unset: toSet,
        learnedAt,
      },
    });
  }

  /** Idle for longer, the server may be about to close it. */
  get maxIdleMs(): number {
    return mayBeHeld((name) => this.familiar.has.has(name)) ? (heldSeconds * 1000) / 2 : Infinity;
  }

  /** Statements within the lane's usual limit cost nothing here. */
  async allow(limitMs: number): Promise<void> {
    const wanted = Math.max(this.#limits.statementMs, limitMs);
    if (wanted === this.#limitMs) return;
    await this.#exchange.send(`SET SESSION ${statementLimit(this.facts.flavour, wanted)}`);
    this.#limitMs = wanted;
  }

  /** Whether what is written and not committed is read as well. */
  async readPending(wanted: boolean): Promise<void> {
    if (wanted === this.#readsPending) return;
    const level = wanted ? 'READ UNCOMMITTED' : 'READ COMMITTED';
    await this.#exchange.send(`SET SESSION TRANSACTION ISOLATION LEVEL ${level}`);
    this.#witness.isolation(level.replace(' ', '-'));
    this.#readsPending = wanted;
  }
}

/** As where another's `sql_select_limit` holds in the session that answers. */
const unprinted =
  'it does not print its variables whole: does a proxy share sessions, or keep answers short?';

/** Throws where it is no server of a kind that is known. */
function factsAndWitness(
  variables: Map<string, string>,
  mark?: number,
): Omit<Prepared, 'answers' | 'familiar'> {
  const version = variables.get('version');
  if (version === undefined) throw new Error(unprinted);
  mustBeMysql(version, variables.get('version_comment') ?? '');
  const facts = factsFrom(variables);
  if (facts.flavour === 'mysql' && facts.uuid === '') throw new Error(unrecognised);
  const counts = hasWindows(facts);
  const number = variables.get(sessionNumber);
  const witness = new Witness(facts.instance, number, { mark, counts });
  return { facts, readOnly: isReadOnly(variables), number: Number(number), witness };
}

/** Knows window functions. */
function hasWindows({ flavour, version }: ServerFacts): boolean {
  return atLeast(version, flavour === 'mysql' ? [8, 0, 2] : [10, 2, 0]);
}

/** By a SHOW that says who answers it, however long that takes the server. Answers since when it runs. */
async function mustShowTheSame(
  answers: BelievedAnswers,
  config: ServerConfig,
  { facts, witness }: Pick<Prepared, 'facts' | 'witness'>,
): Promise<Running | null> {
  const again = showStatement([...instanceNames, sessionNumber]);
  const askedAt = performance.now();
  const together = await answers
    .showTogether([uptimeStatement(facts.flavour), again])
    .catch((error: unknown) => {
      const { errno } = error as { errno?: number };
      throw errno === syntaxErrno ? new Error('it does not take two statements at once: a proxy?') : error;
    });
  const [uptime = [], variables = []] = together;
  const shown = variablesIn(variables);
  const { is } = new Witness(instanceFrom(shown), shown.get(sessionNumber));
  if (is !== witness.is) throw otherAnswer(config, witness.is, is);
  return runningFrom(uptime, askedAt);
}

/** Of a session that may have been somebody else's. */
async function mustHoldNoTables(answers: BelievedAnswers, { flavour }: ServerFacts): Promise<void> {
  const [made] = await answers.showTogether([tablesMadeStatement(flavour)]);
  if (tablesMade(made) > 0) throw new Error(leftBehind);
}

function mustBeMysql(...says: string[]): void {
  const other = notMysql(...says);
  if (other !== null) throw new Error(other);
}

function variablesIn(rows: SqlRow[]): Map<string, string> {
  return new Map(rows.map((row) => [String(row['Variable_name']), foreignText(String(row['Value'] ?? ''))]));
}

/** What is read in a session that is not set up as the comparison needs it proves nothing. */
class SessionRefused extends Error {
  constructor({ name, value, tells }: SessionVariable, is: string) {
    const because = tells ? `and is to be ${value}: see init_connect` : `though it was set to ${value}`;
    super(`the session variable ${name} is ${is}, ${because}`);
    this.name = 'SessionRefused';
  }
}
