import type { TableOverride } from '../../config.ts';
import type { RowDifference } from '../../model/verdict.ts';
import { atLeast } from '../../server/flavour.ts';
import type { QueryOptions, ServerFacts, SqlServer } from '../../server/sql-server.ts';
import { text } from '../../server/sql-text.ts';
import type { TableName } from '../../table-name.ts';
import { chooseKey } from '../key/choose-key.ts';
import { keyFromRecord } from '../key/key.ts';
import { rowExpression } from '../row/row-expression.ts';
import { readDefinition } from '../table/catalog.ts';
import { compareSchemas, releaseOf } from '../table/schema-compare.ts';
import { repairKeyed } from './keyed-repair.ts';
import { repairKeyless } from './keyless-repair.ts';
import { repairColumns } from './repair-columns.ts';
import { type RepairPlace, repairPlace } from './repair-place.ts';
import { Statements } from './statements.ts';

export interface RepairText {
  /** Why the preamble keeps the statements on their server, and what else could be done; a line each. */
  advice?: string[];
  /**
   * A check that this is the server, in the role, that they were made for, and what the session that runs them has to
   * be set to, as statements; the last one begins a transaction.
   */
  preamble: string[];
  /** In the order in which they have to be run; the last one commits. */
  statements: string[];
  /** What takes back the settings of the preamble that must not stay, as statements. */
  afterwards?: string[];
  /** What could not be put into a statement, and why. */
  notes: string[];
}

export interface RepairOptions {
  source: SqlServer;
  target: SqlServer;
  name: TableName;
  /** Confirmed differences; more than these there may be. */
  rows: RowDifference[];
  /** How many there are in all. */
  total: number;
  override: Pick<TableOverride, 'ignoreColumns' | 'maskColumns' | 'where'>;
  query: QueryOptions;
}

/**
 * Where it fails nothing can be written, by clients that go on after an error either: the transaction that follows is
 * then one that only reads.
 */
function check({ must }: RepairPlace, { flavour, version }: ServerFacts): string[] {
  const failing = must.map(({ holds, otherwise }) => `WHEN (${holds}) IS NOT TRUE THEN ${text(otherwise)}`);
  const readOnly =
    flavour === 'mysql' && atLeast(version, [8, 0, 0]) ? 'transaction_read_only' : 'tx_read_only';
  return [
    `SET @lockstep = 'it could not be told whether this is the server that the repair was made for'`,
    `SET @lockstep = CASE ${failing.join(' ')} ELSE '' END`,
    `SET SESSION ${readOnly} = IF(@lockstep = '', 0, 1)`,
    // An error, with the sentence in it, where there is one.
    `SET SESSION sql_mode = @lockstep`,
  ];
}

const session = [
  `SET SESSION time_zone = '+00:00'`,
  // Otherwise 0 in an AUTO_INCREMENT column would become the next number, and zero dates be refused, or impossible
  // ones be zero.
  `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'`,
  // Otherwise tables would have to be repaired in the order of their foreign keys, and a DELETE would reach into
  // others.
  'SET SESSION foreign_key_checks = 0',
  // A row that makes way for another must not stay away when something fails in between.
  'START TRANSACTION',
];

/**
 * Statements that would make the target's rows what the source's are, to be read and run by a person: Lockstep never
 * does. Made of what both sides hold now; each is guarded by the full key and all old values, so that a row
 * changed in between is left alone. Rows without a key are named by their whole content.
 */
export async function repairText(options: RepairOptions): Promise<RepairText> {
  const { source, target, name, rows, total, override, query } = options;
  // A statement without old values would have no guard, and one with them would show what is not to be shown.
  if (override.maskColumns.length > 0) {
    return nothing(
      'values of this table are masked by the configuration, and a repair would have to show them',
    );
  }
  const place = await repairPlace(source, target, query);
  if (place.refused !== null) return nothing(place.refused);
  const [from, to] = await Promise.all([
    readDefinition(source, name, query),
    readDefinition(target, name, query),
  ]);
  if (!from || !to) return nothing('the table is not on both sides');
  const listed = rows.reduce((sum, { count }) => sum + count, 0);
  const made = new Statements(listed, total);
  const columns = repairColumns(from, to, override.ignoreColumns);
  const key = chooseKey(from, to, override.ignoreColumns);
  if (key) {
    const keys = rows.map((row) => keyFromRecord(key, row.key));
    const uniques = to.indexes.filter(({ unique, name: index }) => unique && index !== 'PRIMARY');
    const rowBytes = Math.max(from.rowBytes, to.rowBytes);
    await repairKeyed(keys, { source, target, name, key, columns, uniques, rowBytes, made, query });
  } else {
    const releases = { source: releaseOf(source), target: releaseOf(target) };
    const row = rowExpression(compareSchemas(from, to, releases, override.ignoreColumns).common);
    const { where } = override;
    await repairKeyless(rows, { source, target, name, row, where, columns, made, query });
  }
  const { statements, notes } = made;
  if (statements.length === 0 || !target.facts) return { preamble: [], statements: [], notes };
  return {
    advice: place.advice,
    preamble: ['SET NAMES utf8mb4', ...check(place, target.facts), ...place.local, ...session],
    statements: [...statements, 'COMMIT'],
    afterwards: place.afterwards,
    notes,
  };
}

function nothing(note: string): RepairText {
  return { preamble: [], statements: [], notes: [note] };
}
