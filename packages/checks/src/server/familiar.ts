import { randomInt } from 'node:crypto';
import type { Flavour } from '../model/server.ts';
import type { Exchange } from './exchange.ts';
import { foreignText } from './foreign-text.ts';
import { askedByOthers } from './left-behind.ts';
import { isOneProcess, type Running, runningFrom, uptimeStatement } from './running.ts';
import { firstStatement, isSet, type SessionVariable, setStatement } from './session-variables.ts';
import { Shown } from './shown.ts';
import type { SqlRow } from './sql-server.ts';
import { sampleItems, whatChanged } from './unchanged.ts';
import { markedAs, newMark, settingsOf } from './witness.ts';

/** What a connection learned of a server, for those after it. */
export interface Familiar {
  /** The version in its greeting. */
  greeted: string;
  flavour: Flavour;
  /** Those of the variables that are asked for that it has. */
  has: ReadonlySet<string>;
  /** Those that its sessions do not begin with as they are wanted. */
  unset: ReadonlySet<string>;
  /** Whether it knows what members of a cluster do. */
  member: boolean;
  /** Null where it does not say so. */
  running: Running | null;
  /** When all of it was asked, on Node's monotonic clock. */
  learnedAt: number;
}

/** A server may get variables with a plugin, as one that makes it a member of a group, which nothing else tells. */
const familiarMs = 90_000;

export function isFamiliar(familiar: Familiar, wire: { greeted: string; openedAt: number }): boolean {
  return familiar.greeted === wire.greeted && wire.openedAt - familiar.learnedAt < familiarMs;
}

export interface Begun {
  /** As a SHOW prints them, but for what is on or off. */
  variables: Map<string, string>;
  mark: number;
  /** What it makes of `settingsOf`. */
  settings: string;
  running: Running | null;
  /** How many statements of others came to the session; NaN where it does not say. */
  others: number;
}

/**
 * Sets a session up as one before it on a server that greeted the same: a SET, and in one packet a SHOW between two
 * SELECTs, for to print its variables by a SHOW takes a server longer than all the rest. Null where anything
 * is not as it was: then all of it has to be asked.
 */
export async function beginAsBefore(
  exchange: Exchange,
  familiar: Familiar,
  wanted: readonly SessionVariable[],
  limits: { statementMs: number },
): Promise<Begun | null> {
  const has = (name: string) => familiar.has.has(name);
  const unset = wanted.filter(({ name }) => familiar.unset.has(name));
  const mark = newMark();
  const number = String(randomInt(1_000_000_000));
  const shown = new Shown();
  const settings = [
    `${number} AS number`,
    '@lockstep AS mark',
    shown.item,
    `${settingsOf(has)} AS settings`,
    sampleItems,
  ];
  const select = `SELECT ${[...settings, ...[...familiar.has].map((name) => `@@${name} AS ${name}`)].join(', ')}`;
  await exchange.send(
    `${firstStatement(limits, familiar.member)}, ${setStatement(unset, markedAs(mark)).slice(4)}`,
  );
  const askedAt = performance.now();
  const { asked } = exchange.questions;
  const { rows, refused } = await exchange.together(
    [uptimeStatement(familiar.flavour), shown.statement, select].map((sql) => ({ sql, asked: null })),
  );
  const session = rows[2]?.[0];
  if (refused !== null || !session || !shown.proves(rows[1], rows[2])) return null;
  const isMine = String(session['number']) === number && String(session['mark']) === String(mark);
  if (!isMine || whatChanged(session) !== null) return null;
  const running = runningFrom(rows[0], askedAt);
  // Started anew, or another one behind the same address, it may have other variables.
  if (familiar.running && !(running && isOneProcess(familiar.running, running))) return null;
  const variables = variablesOf(session, familiar.has);
  const isAsWanted = wanted.every(
    (variable) => !has(variable.name) || isSet(variable, variables.get(variable.name) ?? ''),
  );
  if (!isAsWanted) return null;
  const others = askedByOthers(rows[0], asked);
  return { variables, mark, settings: String(session['settings']), running, others };
}

function variablesOf(row: SqlRow, names: Iterable<string>): Map<string, string> {
  return new Map([...names].map((name) => [name, foreignText(String(row[name] ?? ''))]));
}
