import { type Address, addressOf, formatTableName, type RepairText } from '@lockstep/checks';
import { printable } from './printable.ts';

export interface RepairFor {
  pair: string;
  /** Where the script is to be run. */
  target: { name: string } & Address;
  schema: string;
  table: string;
  /** When the statements were made. */
  at: Date;
  repair: RepairText;
}

/**
 * A repair as a file of SQL for a person to read, decide on and run: whatever names and notes hold, only statements
 * stand outside comments. Of names that a terminal would obey or hide it shows no
 * more than a comment there.
 */
export function repairScript(
  { pair, target, schema, table, at, repair }: RepairFor,
  { onTerminal = false } = {},
): string {
  const { preamble, statements, afterwards = [], notes, advice = [] } = repair;
  const head = [
    `Repair of ${formatTableName({ schema, table })}, pair ${pair}`,
    `to be run on ${target.name} (${addressOf(target)})`,
    `made ${at.toISOString()} of what both servers held then; Lockstep never runs it: read it first`,
  ];
  const asTheyAre = [...preamble, ...statements, ...afterwards].map((statement) => `${statement};`);
  const toRun = onTerminal ? shown(asTheyAre) : asTheyAre;
  const about = [...(advice.length > 0 ? advice : onItsOwn), ...always];
  const lines = [
    ...head.map(comment),
    ...(statements.length > 0 ? [...about.map(comment), ...toRun] : [comment(nothingToRun)]),
    ...notes.map(comment),
  ];
  return `${lines.join('\n')}\n`;
}

const onItsOwn = [
  'It is no replica and no member of a cluster, as far as it tells. On one these writes would be transactions that its',
  'source does not have. Whether to keep them out of its binary log is your decision; this does, for the session:',
  'SET SESSION sql_log_bin = 0;',
];

const always = [
  'It begins with a check that it runs on the server, in the role, that it was made for; elsewhere it ends there with an',
  'error that says so, and in a client that goes on nothing can be written. Each table is one transaction: stop at the',
  'first error (mysql and mariadb do) and nothing of it has happened. Foreign keys are not checked meanwhile, so that the',
  'order of the tables does not matter and no statement reaches into others.',
];

/** Where a name has to be escaped nothing is to be run: not the rest without the statement that guards it, either. */
function shown(statements: readonly string[]): readonly string[] {
  const safe = statements.map((statement) => statement.split('\n').map(printable).join('\n'));
  if (safe.every((statement, i) => statement === statements[i])) return statements;
  return [inFile, ...safe].map(comment);
}

const inFile =
  'A terminal would obey or hide a part of these names, so they are escaped here: send the output to a file to run it.';

const nothingToRun = 'There is nothing to run.';

/** One line, whatever the text holds. */
function comment(text: string): string {
  return `-- ${printable(text)}`;
}
