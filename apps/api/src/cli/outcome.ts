import {
  differing,
  type RepairText,
  type Run,
  type ServerConfig,
  type TableResult,
  type Verdict,
} from '@lockstep/checks';
import { EXIT } from './exit-code.ts';

/** What became of one pair. */
export interface PairOutcome {
  pair: string;
  source: string;
  target: Pick<ServerConfig, 'name' | 'host' | 'port' | 'socket'>;
  tables: TableResult[];
  /** When this call was: what is older was found by an earlier one. Absent where there was none. */
  began?: Date;
  run: Run;
  /** Made when they were asked for, of tables with differences. */
  repairs: Map<TableResult, { at: Date; repair: RepairText }>;
}

/** Worst first, as reports show them. */
export const byUrgency: readonly Verdict[] = [
  'DIFFERENT',
  'SCHEMA_DIFFERS',
  'MISSING',
  'ERROR',
  'UNVERIFIED',
  'MATCH',
];

const notTheSame: readonly Verdict[] = ['DIFFERENT', 'SCHEMA_DIFFERS', 'MISSING'];

/** Success only where something was compared, all of it, all of it matches, and every mask fits a column. */
export function exitCodeFor(outcomes: readonly PairOutcome[]): number {
  const tables = outcomes.flatMap((outcome) => outcome.tables);
  if (tables.some(({ verdict }) => notTheSame.includes(verdict))) return EXIT.different;
  const complete = outcomes.every(
    ({ run, tables }) => run.state === 'finished' && tables.length > 0 && run.unmatched === undefined,
  );
  const well = ({ verdict, unfitMasks }: TableResult) => verdict === 'MATCH' && unfitMasks === undefined;
  return complete && tables.every(well) ? EXIT.ok : EXIT.unverified;
}

export function worstFirst(tables: readonly TableResult[]): TableResult[] {
  return tables.toSorted(
    (a, b) =>
      byUrgency.indexOf(a.verdict) - byUrgency.indexOf(b.verdict) ||
      total(b) - total(a) ||
      compare(a.schema, b.schema) ||
      compare(a.table, b.table),
  );
}

const total = ({ differences }: TableResult): number => differing(differences);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
