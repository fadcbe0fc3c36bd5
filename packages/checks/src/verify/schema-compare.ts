import type { Flavour } from '../model/server.ts';
import type { SchemaDifference } from '../model/verdict.ts';
import type { Column, Index, TableDefinition } from './definition.ts';
import type { Sides } from './encoding.ts';

export interface SchemaComparison {
  differences: SchemaDifference[];
  /** Columns that both sides have and whose content is compared, in the source's order. */
  common: Sides[];
}

/** What is not the same in two definitions of a table, as far as both flavours can express it alike. */
export function compareSchemas(
  source: TableDefinition,
  target: TableDefinition,
  flavours: { source: Flavour; target: Flavour },
  ignoreColumns: readonly string[],
): SchemaComparison {
  const sameFlavour = flavours.source === flavours.target;
  const ignored = new Set(ignoreColumns.map((name) => name.toLowerCase()));
  const kept = (definition: TableDefinition) =>
    definition.columns.filter((column) => !ignored.has(column.name.toLowerCase()));
  const byName = new Map(kept(target).map((column) => [column.name.toLowerCase(), column]));
  const differences: SchemaDifference[] = [];
  const common: Sides[] = [];

  for (const column of kept(source)) {
    const other = byName.get(column.name.toLowerCase());
    if (other) {
      byName.delete(column.name.toLowerCase());
      differences.push(...columnDifferences(column, other, sameFlavour));
      // A virtual column has no content of its own; what it is made from is compared.
      if (column.generated !== 'virtual' && other.generated !== 'virtual')
        common.push({ source: column, target: other });
    } else if (!isHiddenKey(column)) {
      differences.push(onlyOn('source', `column ${column.name}`, describe(column)));
    }
  }
  for (const column of byName.values()) {
    if (!isHiddenKey(column)) differences.push(onlyOn('target', `column ${column.name}`, describe(column)));
  }

  const order = orderDifference(source, target, common);
  if (order) differences.push(order);
  differences.push(...indexDifferences(source, target, ignored));
  if (sameFlavour && source.engine !== target.engine) {
    differences.push(changed('engine', source.engine, target.engine));
  }
  return { differences, common };
}

/** MySQL's sql_generate_invisible_primary_key may be on on one side only. */
function isHiddenKey(column: Column): boolean {
  return column.name === 'my_row_id' && column.invisible;
}

function columnDifferences(source: Column, target: Column, sameFlavour: boolean): SchemaDifference[] {
  const object = `column ${source.name}`;
  const found: SchemaDifference[] = [];
  const jsonAsText =
    !sameFlavour && new Set([source.dataType, target.dataType, 'json', 'longtext']).size === 2;
  if (!jsonAsText && comparableType(source) !== comparableType(target)) {
    found.push(changed(object, source.columnType, target.columnType));
  }
  if (!jsonAsText && charset(source) !== charset(target)) {
    found.push(changed(`${object} charset`, source.charset, target.charset));
  } else if (sameFlavour && source.collation !== target.collation) {
    // Flavours have collations of their own, so between them names say nothing.
    found.push(changed(`${object} collation`, source.collation, target.collation));
  }
  if (source.nullable !== target.nullable) {
    const word = (column: Column) => (column.nullable ? 'NULL' : 'NOT NULL');
    found.push(changed(`${object} nullability`, word(source), word(target)));
  }
  if (source.generated !== target.generated) {
    found.push(changed(`${object} generation`, source.generated, target.generated));
  }
  return found;
}

/** Without what says nothing of the values: display widths of integers, spelling. */
function comparableType(column: Column): string {
  let type = column.columnType.replace(/\s+/g, ' ').replace(/ ?\/\*.*?\*\//g, '');
  if (/int$|^year$/.test(column.dataType) && !/zerofill/i.test(type)) type = type.replace(/\(\d+\)/, '');
  return column.dataType === 'enum' || column.dataType === 'set' ? type : type.toLowerCase();
}

function charset(column: Column): string | null {
  return column.charset === 'utf8' ? 'utf8mb3' : column.charset;
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
): SchemaDifference[] {
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
    else if (describeIndex(index) !== describeIndex(other)) {
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

function describeIndex(index: Index): string {
  const columns = index.columns.map((column) => column?.toLowerCase() ?? '(expression)').join(', ');
  return `${index.unique ? 'unique ' : ''}(${columns}${index.prefixed ? ', prefix' : ''})`;
}

function describe(column: Column): string {
  return `${column.columnType}${column.nullable ? '' : ' NOT NULL'}`;
}

function changed(object: string, source: string | null, target: string | null): SchemaDifference {
  return {
    object,
    source,
    target,
    message: `${object}: ${source ?? 'none'} on the source, ${target ?? 'none'} on the target`,
  };
}

function onlyOn(side: 'source' | 'target', object: string, text: string): SchemaDifference {
  return {
    object,
    source: side === 'source' ? text : null,
    target: side === 'target' ? text : null,
    message: `${object} ${text} is on the ${side} only`,
  };
}
