import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import {
  differing,
  formatInstant,
  formatTableName,
  type RowDifference,
  type TableResult,
  type Verdict,
} from '@lockstep/checks';
import { printable } from '../printable.ts';
import { byUrgency, type PairOutcome, worstFirst } from './outcome.ts';

/** More rows are in the JSON report. */
const rowsShown = 10;

type Style = 'red' | 'yellow' | 'green';

const LOOKS: Record<Verdict, { sign: string; word: string; style: Style }> = {
  DIFFERENT: { sign: '✕', word: 'different', style: 'red' },
  SCHEMA_DIFFERS: { sign: '✕', word: 'schema differs', style: 'red' },
  MISSING: { sign: '✕', word: 'missing', style: 'red' },
  ERROR: { sign: '!', word: 'error', style: 'yellow' },
  UNVERIFIED: { sign: '?', word: 'unverified', style: 'yellow' },
  MATCH: { sign: '✓', word: 'match', style: 'green' },
};

const wordWidth = Math.max(...Object.values(LOOKS).map(({ word }) => word.length));

/**
 * For people: a line a table, worst first, with the evidence of what does not match. `stream` decides on colours;
 * `quiet` leaves out what matches, and pairs of which all does.
 */
export function textReport(outcomes: readonly PairOutcome[], stream: Writable, quiet = false): string {
  const paint = (style: Style | 'bold' | 'dim', text: string) => styleText(style, text, { stream });

  function pairLines(outcome: PairOutcome): string[] {
    const { tables, run } = outcome;
    const width = Math.max(0, ...tables.map((table) => tableName(table).length));
    const title = `${outcome.pair}: ${outcome.source} → ${outcome.target.name}`;
    const lines = [`${paint('bold', title)}  ${summary(tables)}`];
    if (run.state !== 'finished' || tables.length === 0 || run.unmatched) {
      lines.push(
        `  ${paint('yellow', `${run.state === 'finished' ? '?' : '!'} ${printable(run.evidence)}`)}`,
      );
    }
    const told = quiet ? tables.filter(({ verdict }) => verdict !== 'MATCH') : tables;
    if (quiet && told.length === 0 && lines.length === 1) return [];
    return [...lines, ...worstFirst(told).flatMap((table) => tableLines(table, width, outcome.began)), ''];
  }

  function tableLines(table: TableResult, width: number, began?: Date): string[] {
    const { sign, word, style } = LOOKS[table.verdict];
    const head = `  ${paint(style, `${sign} ${word.padEnd(wordWidth)}`)}  ${tableName(table).padEnd(width)}`;
    const done = table.check === 'consistency' ? 'counted' : 'compared';
    const earlier = began && table.finishedAt < began ? `, as of ${formatInstant(table.finishedAt)}` : '';
    const facts = paint('dim', `${table.rowsCompared.toLocaleString('en')} rows ${done}${earlier}`);
    if (table.verdict === 'MATCH') return [`${head}  ${facts}`];
    const inside = (text: string) => `      ${text}`;
    return [
      `${head}  ${printable(table.reason)}${paint('dim', earlier)}`,
      ...table.schemaDifferences.map(({ message }) => inside(printable(message))),
      ...table.rows.slice(0, rowsShown).map((row) => inside(rowLine(row))),
      ...more(table).map(inside),
    ];
  }

  return outcomes.flatMap(pairLines).join('\n');
}

function rowLine({ kind, key, columns, count }: RowDifference): string {
  const where = Object.entries(key).map(([column, value]) => `${column}=${value ?? 'NULL'}`);
  const what = columns.length > 0 ? `  (${columns.join(', ')})` : '';
  return printable(`${kind.padEnd(7)}  ${where.join(', ')}${what}${count > 1 ? `  × ${count}` : ''}`);
}

function more({ rows, differences }: TableResult): string[] {
  const shown = rows.slice(0, rowsShown).reduce((sum, { count }) => sum + count, 0);
  const rest = differing(differences) - shown;
  return rest > 0 ? [`… and ${rest.toLocaleString('en')} more`] : [];
}

function summary(tables: readonly TableResult[]): string {
  const counts = byUrgency.map((verdict) => ({
    verdict,
    count: tables.filter((table) => table.verdict === verdict).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${LOOKS[verdict].word}`)
    .join(', ');
}

const tableName = (table: TableResult): string => printable(formatTableName(table));
