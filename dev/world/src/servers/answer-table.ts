import type { SqlRow, SqlValue } from '../engine.ts';
import { hashOf, type Table } from './table.ts';

const shape =
  /^SELECT ((?:(?!FROM information_schema).)*) FROM `w`\.`t`(?: FORCE INDEX \(`PRIMARY`\))? WHERE (.*)$/s;
/** Whether it is the table that is meant; it is looked up in the catalog together with a read of the table. */
const ofThat =
  /\(SELECT CREATE_TIME FROM information_schema\.TABLES\s+WHERE TABLE_SCHEMA = 'w' AND TABLE_NAME = 't'\) <=> '([^']*)'/;
const item = /(.*?) AS `(lockstep \d+ )`(?:, |$)/gs;

const [yes, no] = ['TRUE', 'FALSE'];

interface Row {
  id: number;
  value: number;
}

/** Answers what verification asks of the table; null for a statement that is none of these. */
export function answerTable(sql: string, table: Table): SqlRow[] | null {
  const match = shape.exec(sql.replace(ofThat, (_, made) => (made === table.made ? yes : no)));
  if (!match) return null;
  const [, items = '', rest = ''] = match;
  const asked = [...items.matchAll(item)].map(([, expression = '', alias = '']) => ({ expression, alias }));
  const { where, wanted, order, grouped, limit, offset } = clauses(rest);
  let rows = select(where, table);
  if (wanted) {
    rows = rows.filter((row) => wanted.hashes.has(String(of(row, wanted.expression, table.columns))));
  }
  if (order) rows.sort((a, b) => a.id - b.id);
  rows = rows.slice(offset, limit === null ? undefined : offset + limit);
  const shown = table.columns;
  if (grouped) return group(rows, asked, shown);
  if (asked.some(({ expression }) => isAggregate(expression))) {
    return [Object.fromEntries(asked.map(({ expression, alias }) => [alias, over(rows, expression, shown)]))];
  }
  return rows.map((row) =>
    Object.fromEntries(asked.map(({ expression, alias }) => [alias, of(row, expression, shown)])),
  );
}

function clauses(rest: string) {
  const tail =
    /^(.*?)( GROUP BY `lockstep 0 ` ORDER BY NULL)?( ORDER BY `id`)?(?: LIMIT (\d+))?(?: OFFSET (\d+))?$/s.exec(
      rest,
    );
  const [, where = '', grouped, order, limit, offset] = tail ?? [];
  const [, expression, hashes] =
    /^(LEFT\(SHA2\(.*\), 256\), 32\)) IN \(('\w+'(?:, '\w+')*)\)$/s.exec(where) ?? [];
  return {
    where: expression ? 'TRUE' : where,
    wanted: expression ? { expression, hashes: new Set(hashes?.match(/\w+/g)) } : null,
    grouped: grouped !== undefined,
    order: order !== undefined,
    limit: limit === undefined ? null : Number(limit),
    offset: Number(offset ?? 0),
  };
}

function select(where: string, { rows, unnamed }: Table): Row[] {
  let ids: Set<number> | null = null;
  let [above, upTo] = [-Infinity, Infinity];
  for (const part of where.split(' AND ')) {
    const [, listed, operator, number] =
      /^(?:TRUE|1 = 0|`id` IN \(([-\d, ]*)\)|`id` (>|<=) (-?\d+))$/.exec(part) ?? unknown(part);
    if (part === '1 = 0') ids = new Set();
    else if (listed !== undefined) ids = new Set(listed.split(', ').map(Number));
    else if (operator === '>') above = Math.max(above, Number(number));
    else if (operator === '<=') upTo = Math.min(upTo, Number(number));
  }
  const found: Row[] = [];
  const add = (id: number, value: number | undefined): void => {
    if (value !== undefined && id > above && id <= upTo) found.push({ id, value });
  };
  if (ids) for (const id of ids) add(id, id === unnamed ? undefined : rows.get(id));
  else for (const [id, value] of rows) add(id, value);
  return found;
}

function isAggregate(expression: string): boolean {
  return expression.startsWith('COUNT(') || expression.startsWith('SUM(') || expression === '0';
}

function over(rows: Row[], expression: string, shown: string[]): SqlValue {
  if (expression === 'COUNT(*)') return rows.length;
  if (expression === '0') return 0;
  if (expression === yes || expression === no) return Number(expression === yes);
  mustHave(expression, shown);
  if (expression.startsWith('COUNT(')) return rows.length;
  if (rows.length === 0) return null;
  return String(rows.reduce((sum, row) => sum + hashOf(content(row, expression)).part, 0n));
}

function of(row: Row, expression: string, shown: string[]): SqlValue {
  if (expression === '`id`') return row.id;
  if (expression === `'row'`) return 'row';
  if (expression === yes || expression === no) return Number(expression === yes);
  mustHave(expression, shown);
  if (expression.startsWith('LEFT(SHA2(')) return hashOf(content(row, expression)).hash;
  const value = expression.includes('`id`') ? row.id : expression.includes('`v`') ? row.value : 0;
  if (expression.startsWith('SHA2(')) return hashOf(String(value)).hash;
  if (expression.startsWith('CAST(')) return String(value);
  return expression === 'NULL' ? null : unknown(expression);
}

/** The expression says which columns go into it; all but `v` hold 0. */
function content({ id, value }: Row, expression: string): string {
  return [
    expression.includes('`id`') ? id : '',
    expression.includes('`v`') ? value : '',
    ...(expression.match(/`x\d+`/g) ?? []),
  ].join();
}

/** Throws UnknownColumn for a column that the table does not have. */
export function mustHave(expression: string, shown: string[]): void {
  for (const [, name] of expression.matchAll(/`(\w+)`/g)) {
    if (name !== 'id' && !shown.includes(name ?? '')) throw new UnknownColumn(name ?? '');
  }
}

/** The table was altered between two statements. */
export class UnknownColumn extends Error {}

function group(rows: Row[], asked: { expression: string; alias: string }[], shown: string[]): SqlRow[] {
  const groups = new Map<string, Row[]>();
  const [first] = asked;
  if (!first) return [];
  for (const row of rows) {
    const name = String(of(row, first.expression, shown));
    const members = groups.get(name);
    if (members) members.push(row);
    else groups.set(name, [row]);
  }
  return [...groups].map(([name, members]) =>
    Object.fromEntries(
      asked.map(({ expression, alias }, i) => [
        alias,
        i === 0
          ? name
          : expression === 'COUNT(*)'
            ? members.length
            : of(members[0] as Row, expression.replace(/^MIN\((.*)\)$/s, '$1'), shown),
      ]),
    ),
  );
}

function unknown(what: string): never {
  throw new Error(`the world does not know what ${what} means`);
}
