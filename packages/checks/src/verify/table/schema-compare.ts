import type { SchemaDifference } from '../../model/verdict.ts';
import { foreignText } from '../../server/foreign-text.ts';
import type { ServerFacts, SqlServer } from '../../server/sql-server.ts';
import { charsetOf, differentCollations } from './collation.ts';
import { type Column, type Index, type Sides, systemPeriod, type TableDefinition } from './definition.ts';

/** What the two servers are: what they write differently is not different. */
export type Release = Pick<ServerFacts, 'flavour' | 'version'>;

export function releaseOf({ facts }: Pick<SqlServer, 'facts'>): Release {
  return facts ?? { flavour: 'mysql', version: [0, 0, 0] };
}

export interface SchemaComparison {
  differences: SchemaDifference[];
  /** Columns that both sides have and whose content is compared, in the source's order. */
  common: Sides[];
  /** Virtual columns of which it is not known whether they are made of the same. */
  unknown: string[];
}

/**
 * What is not the same in two definitions of a table, as far as both flavours can express it alike. `hides`: a side
 * shows some of its columns only, so that nobody knows what else it has, nor what its indexes are over.
 */
export function compareSchemas(
  source: TableDefinition,
  target: TableDefinition,
  releases: { source: Release; target: Release },
  ignoreColumns: readonly string[],
  hides: { source: boolean; target: boolean } = { source: false, target: false },
): SchemaComparison {
  const sameFlavour = releases.source.flavour === releases.target.flavour;
  const sameRelease =
    sameFlavour && [0, 1].every((i) => releases.source.version[i] === releases.target.version[i]);
  const ignored = new Set(ignoreColumns.map((name) => name.toLowerCase()));
  const kept = (definition: TableDefinition) =>
    definition.columns.filter((column) => !ignored.has(column.name.toLowerCase()));
  const byName = new Map(kept(target).map((column) => [column.name.toLowerCase(), column]));
  const differences: SchemaDifference[] = [];
  const common: Sides[] = [];
  const unknown: string[] = [];

  for (const column of kept(source)) {
    const other = byName.get(column.name.toLowerCase());
    if (other) {
      byName.delete(column.name.toLowerCase());
      differences.push(...columnDifferences(column, other, sameFlavour, sameRelease));
      if (hasContent(column) && hasContent(other)) common.push({ source: column, target: other });
      else if (!sameFlavour && column.generated === 'virtual') unknown.push(column.name);
    } else if (!isHiddenKey(column) && !hides.target) {
      differences.push(onlyOn('source', `column ${column.name}`, describe(column)));
    }
  }
  for (const column of byName.values()) {
    if (isHiddenKey(column) || hides.source) continue;
    differences.push(onlyOn('target', `column ${column.name}`, describe(column)));
  }

  const order = orderDifference(source, target, common);
  if (order) differences.push(order);
  if (!hides.source && !hides.target) {
    differences.push(...indexDifferences(source, target, ignored, sameRelease));
  }
  if (source.engine?.toLowerCase() !== target.engine?.toLowerCase()) {
    differences.push(changed('engine', source.engine, target.engine));
  }
  if (source.versioned !== target.versioned) {
    const word = ({ versioned }: TableDefinition) => (versioned ? 'with' : 'without');
    differences.push(changed('system versioning', word(source), word(target)));
  }
  return { differences: tellable(differences), common, unknown };
}

/** Of very many differences so many characters are told: the first say what is wrong, and the rest would drown it. */
const mostChars = 200_000;

function tellable(differences: readonly SchemaDifference[]): SchemaDifference[] {
  let chars = 0;
  const told = differences.filter(({ message }) => (chars += message.length) <= mostChars);
  const more = differences.length - told.length;
  if (more === 0) return told;
  const rest = `${more} differences more`;
  return [...told, { object: 'the rest', source: null, target: null, message: rest }];
}

/** A virtual column is made of others, which are compared; a row's own period is the server's, not the data's. */
function hasContent(column: Column): boolean {
  return column.generated !== 'virtual' && !systemPeriod(column);
}

/** MySQL's sql_generate_invisible_primary_key may be on on one side only. */
function isHiddenKey(column: Column): boolean {
  return column.name === 'my_row_id' && column.invisible;
}

function columnDifferences(
  source: Column,
  target: Column,
  sameFlavour: boolean,
  sameRelease: boolean,
): SchemaDifference[] {
  const object = `column ${source.name}`;
  const found: SchemaDifference[] = [];
  const types = new Set([source.dataType, target.dataType]);
  const jsonAsText = !sameFlavour && types.size === 2 && types.has('json') && types.has('longtext');
  if (!jsonAsText && comparableType(source) !== comparableType(target)) {
    found.push(changed(object, source.columnType, target.columnType));
  }
  if (!jsonAsText && charsetOf(source) !== charsetOf(target)) {
    found.push(changed(`${object} charset`, source.charset, target.charset));
  } else if (!jsonAsText && differentCollations(source, target, sameFlavour, sameRelease)) {
    found.push(changed(`${object} collation`, source.collation, target.collation));
  }
  if (source.nullable !== target.nullable) {
    const word = (column: Column) => (column.nullable ? 'NULL' : 'NOT NULL');
    found.push(changed(`${object} nullability`, word(source), word(target)));
  }
  if (source.invisible !== target.invisible) {
    const word = ({ invisible }: Column) => (invisible ? 'invisible' : 'visible');
    found.push(changed(`${object} visibility`, word(source), word(target)));
  }
  if (/AUTO_INCREMENT/.test(source.extra) !== /AUTO_INCREMENT/.test(target.extra)) {
    const word = ({ extra }: Column) => (/AUTO_INCREMENT/.test(extra) ? 'yes' : 'no');
    found.push(changed(`${object} auto_increment`, word(source), word(target)));
  }
  if (source.generated !== target.generated) {
    found.push(changed(`${object} generation`, source.generated, target.generated));
  } else if (sameFlavour && !sameExpression(source, target, sameRelease)) {
    // Flavours write, and even name, what an expression is made of in ways of their own.
    found.push(changed(`${object} expression`, source.expression, target.expression));
  }
  return found;
}

/** Without what says nothing of the values: display widths of integers, spelling, how they are stored. */
function comparableType(column: Column): string {
  if (column.dataType === 'enum' || column.dataType === 'set') return column.columnType;
  let type = column.columnType.replace(/\s+/g, ' ').replace(/ ?\/\*.*?(?:\*\/|$)/g, '');
  if (/^year\(2\)/i.test(type)) return type.toLowerCase();
  if (/int$|^year$/.test(column.dataType) && !/zerofill/i.test(type)) type = type.replace(/\(\d+\)/, '');
  return type.toLowerCase().replace(/^geomcollection$/, 'geometrycollection');
}

/**
 * One release writes one expression in one way: there brackets, spaces in literals and all else count. Between releases
 * what is only writing does not.
 */
function sameExpression(source: Column, target: Column, sameRelease: boolean): boolean {
  const form = sameRelease ? withoutIntroducers : comparableExpression;
  return form(source.expression) === form(target.expression);
}

/** Without the charset that literals had for whoever made the table. */
function withoutIntroducers(expression: string): string {
  return expression.replace(/_(utf8mb[34]|utf8|latin1)\s*(?=\\?')/g, '');
}

/** And without what is only writing. */
function comparableExpression(expression: string): string {
  return withoutIntroducers(expression)
    .replace(/[\s`()\\]+/g, ' ')
    .trim();
}

function orderDifference(
  source: TableDefinition,
  target: TableDefinition,
  common: Sides[],
): SchemaDifference | null {
  const names = new Set(common.map(({ source: { name } }) => name.toLowerCase()));
  const order = (definition: TableDefinition) =>
    definition.columns.filter(({ name }) => names.has(name.toLowerCase())).map(({ name }) => name);
  const from = order(source).join(', ');
  const to = order(target).join(', ');
  return from.toLowerCase() === to.toLowerCase() ? null : changed('column order', from, to);
}

function indexDifferences(
  source: TableDefinition,
  target: TableDefinition,
  ignored: Set<string>,
  sameRelease: boolean,
): SchemaDifference[] {
  const written = sameRelease ? withoutIntroducers : comparableExpression;
  const shown = (definition: TableDefinition) =>
    new Map(
      definition.indexes
        .filter(
          ({ columns }) => !columns.some((c) => c === 'my_row_id' || ignored.has(c?.toLowerCase() ?? '')),
        )
        .map((index) => [index.name.toLowerCase(), index]),
    );
  const from = shown(source);
  const to = shown(target);
  const found: SchemaDifference[] = [];
  for (const [key, index] of from) {
    const other = to.get(key);
    if (!other) found.push(onlyOn('source', label(index), describeIndex(index)));
    else if (describeIndex(index, written) !== describeIndex(other, written)) {
      found.push(changed(label(index), describeIndex(index), describeIndex(other)));
    }
  }
  for (const [key, index] of to) {
    if (!from.has(key)) found.push(onlyOn('target', label(index), describeIndex(index)));
  }
  return found;
}

function label(index: Index): string {
  return index.name === 'PRIMARY' ? 'primary key' : `index ${index.name}`;
}

/** Case says nothing in the names of columns; in an expression's literals it does. `written`: what of those counts. */
function describeIndex(
  { unique, type, parts, columns }: Index,
  written: (expression: string) => string = (expression) => expression,
): string {
  const special = ['FULLTEXT', 'SPATIAL', 'VECTOR'].includes(type) ? `${type.toLowerCase()} ` : '';
  const shown = parts.map((part, i) =>
    columns[i] === null ? written(lowerNames(part)) : part.toLowerCase(),
  );
  return `${unique ? 'unique ' : ''}${special}(${shown.join(', ')})`;
}

/** Of an expression: what is in quotes is left as it is. */
function lowerNames(expression: string): string {
  return expression.replace(/(\\?')(?:(?!\1).)*(?:\1|$)|`[^`]*(?:`|$)/gs, (part) =>
    part.startsWith('`') ? part.toLowerCase() : part,
  );
}

function describe(column: Column): string {
  return `${column.columnType}${column.nullable ? '' : ' NOT NULL'}`;
}

function changed(what: string, onSource: string | null, onTarget: string | null): SchemaDifference {
  const object = foreignText(what);
  const [source, target] = shown(onSource, onTarget);
  return {
    object,
    source,
    target,
    message: `${object}: ${source ?? 'none'} on the source, ${target ?? 'none'} on the target`,
  };
}

function onlyOn(side: 'source' | 'target', what: string, definition: string): SchemaDifference {
  const [object, text] = [foreignText(what), foreignText(definition)];
  return {
    object,
    source: side === 'source' ? text : null,
    target: side === 'target' ? text : null,
    message: `${object} ${text} is on the ${side} only`,
  };
}

/** What would be cut before they part begins shortly before that. */
const latestParting = 800;
const before = 100;

/** An ENUM has up to 65,535 labels, and an order of columns names each: what is told of them is no longer than that. */
function shown(source: string | null, target: string | null): [string | null, string | null] {
  if (source === null || target === null) {
    return [source && foreignText(source), target && foreignText(target)];
  }
  let parting = 0;
  while (parting < source.length && source[parting] === target[parting]) parting++;
  const from = parting > latestParting ? parting - before : 0;
  const tell = (text: string) => foreignText(from === 0 ? text : `…${text.slice(from)}`);
  return [tell(source), tell(target)];
}
