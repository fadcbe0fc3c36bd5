import { ident } from '../../server/sql-text.ts';
import { commonScale, type Family, familyOf, isShortYear } from '../row/encoding.ts';
import { charsetOf, collationOf } from '../table/collation.ts';
import { type Column, type Index, systemPeriod, type TableDefinition } from '../table/definition.ts';
import { labelNumber, labelsOf, sameLabels, unquoted } from '../table/labels.ts';
import { type Key, type KeyColumn, textReads } from './key.ts';

/**
 * The primary key, else a unique key without NULLs, as the source has it. Null when there is none that is unique on
 * both sides and that both can be asked by exactly.
 */
export function chooseKey(
  source: TableDefinition,
  target: TableDefinition,
  ignoreColumns: readonly string[] = [],
): Key | null {
  if (looseEngine(source, target)) return null;
  for (const index of candidates(source)) {
    const key = examine(index, source, target, ignoreColumns);
    if (typeof key !== 'string') return key;
  }
  return null;
}

function looseEngine(...definitions: TableDefinition[]): string | undefined {
  return definitions.map(({ engine }) => engine ?? 'unknown').find((engine) => !keepsKeysUnique.test(engine));
}

/** For people: why `chooseKey` found none. */
export function whyNoKey(
  source: TableDefinition,
  target: TableDefinition,
  ignoreColumns: readonly string[] = [],
): string {
  const loose = looseEngine(source, target);
  if (loose) return `no key that its engine, ${loose}, keeps unique`;
  const reasons = candidates(source).flatMap((index) => {
    const name = index.name === 'PRIMARY' ? 'the primary key' : `unique index ${index.name}`;
    const why = examine(index, source, target, ignoreColumns);
    return typeof why === 'string' ? [`${name}: ${why}`] : [];
  });
  return reasons.length === 0 ? 'no key' : `no key that both sides have (${reasons.join('; ')})`;
}

/** Others (MERGE, FEDERATED, CONNECT, SPIDER …) only declare keys, and hold many rows of one. */
const keepsKeysUnique = /^(innodb|myisam|aria|memory|heap|archive|rocksdb|tokudb|ndb(cluster)?)$/i;

function candidates(definition: TableDefinition): Index[] {
  return definition.indexes.filter(({ unique }) => unique).sort((a, b) => rank(a) - rank(b));
}

function rank(index: Index): number {
  const hash = index.type === 'HASH' ? 1000 : 0;
  return hash + (index.name === 'PRIMARY' ? 0 : index.columns.length);
}

/** The key that an index makes, or why it makes none. */
function examine(
  index: Index,
  source: TableDefinition,
  target: TableDefinition,
  ignoreColumns: readonly string[],
): Key | string {
  const unfit = notAKey(index);
  if (unfit) return unfit;
  // Where it need not be the same on both sides, it does not name the same row there.
  const ignored = new Set(ignoreColumns.map((name) => name.toLowerCase()));
  const free = index.columns.find((name) => name !== null && ignored.has(name.toLowerCase()));
  if (free) return `column ${free} is ignored`;
  const columns: KeyColumn[] = [];
  let ownOrder = false;
  let unranged = index.type === 'HASH' ? 'its key is a hash index, which has no order' : '';
  for (const [i, name] of index.columns.entries()) {
    const [from, to] = [find(source, name), find(target, name)];
    // Each row that is, and not only was, has its own key without it.
    if (from && systemPeriod(from)) continue;
    if (!from || !to) return `column ${name ?? ''} is not on both sides`;
    const form = commonForm(from, to);
    if (!form) return `${shown(from, to)} cannot be asked for exactly on both sides`;
    ownOrder ||= ordersItself(from) || ordersItself(to);
    if (collationOf(from) !== collationOf(to)) unranged ||= 'its key sorts differently on the two sides';
    const descending = index.descending[i] ?? false;
    columns.push({
      name: from.name,
      kind: form.kind,
      reads: form.reads ?? { source: form.read, target: form.read },
      integer: form.integer === true && !descending,
      descending,
      labels: form.labels ?? [],
      charsets: form.charsets ?? null,
      collations:
        from.collation === null || to.collation === null
          ? null
          : { source: from.collation, target: to.collation },
    });
  }
  if (!namesOneRow(target, columns)) return 'it is not unique on the target';
  const twin = target.indexes.find(
    ({ name, columns: c, visible }) =>
      visible && name === index.name && c.join().toLowerCase() === index.columns.join().toLowerCase(),
  );
  return {
    columns,
    index: twin && index.visible && index.type !== 'HASH' ? index.name : null,
    ranged: unranged === '',
    unranged,
    ownOrder,
  };
}

/** By collations, or by rules of its type that changed from release to release (UUID). */
function ordersItself(column: Column): boolean {
  const family = familyOf(column);
  return family === 'text' || family === 'literal';
}

function notAKey({ columns, prefixed, nullable }: Index): string | null {
  if (columns.some((column) => column === null)) return 'an expression is in it';
  if (prefixed) return 'only the beginning of a column is in it';
  return nullable ? 'a column of it may be NULL' : null;
}

/** Where the target has no such key (any more), several of its rows may have one name, or none. */
function namesOneRow(target: TableDefinition, columns: KeyColumn[]): boolean {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return target.indexes.some(
    (index) =>
      index.unique &&
      notAKey(index) === null &&
      index.columns.every((name) => {
        const column = find(target, name);
        return column && (systemPeriod(column) || names.has(column.name.toLowerCase()));
      }),
  );
}

function find(definition: TableDefinition, name: string | null): Column | undefined {
  return definition.columns.find((column) => column.name.toLowerCase() === name?.toLowerCase());
}

function shown(source: Column, target: Column): string {
  const types = [...new Set([source.columnType, target.columnType])];
  return `column ${source.name} (${types.join(' and ')})`;
}

type Form = Pick<KeyColumn, 'kind'> & { read: string } & Partial<
    Pick<KeyColumn, 'integer' | 'labels' | 'reads' | 'charsets'>
  >;

/** How both sides print and compare a key column in one way; null where they do not. */
function commonForm(source: Column, target: Column): Form | null {
  const name = ident(source.name);
  const [from, to] = [familyOf(source), familyOf(target)];
  const families = new Set<Family | null>([from, to]);
  const only = (...these: Family[]) => [...families].every((family) => family && these.includes(family));
  const types = new Set([source.dataType, target.dataType]);
  if (types.has('enum') || types.has('set')) {
    // A SET sorts by a number that no index is asked by; an ENUM of other labels has other numbers.
    if (types.size > 1 || types.has('set') || !sameLabels(source, target)) return null;
    return { kind: 'label', read: labelNumber(source), labels: labelsOf(source).map(unquoted) };
  }
  if (only('integer', 'bit')) {
    if (isShortYear(source) !== isShortYear(target)) return null;
    const bare = !families.has('bit') && !types.has('year') && !zerofill(source) && !zerofill(target);
    // A YEAR takes two digits for a year of this century or the last one, so no boundary may be reckoned.
    return { kind: 'number', read: bare ? name : `${name}+0`, integer: !types.has('year') };
  }
  if (only('integer', 'decimal')) {
    const scale = commonScale({ source, target });
    if (scale === null) return null;
    const bare =
      source.scale === target.scale && families.size === 1 && !zerofill(source) && !zerofill(target);
    return { kind: 'number', read: bare ? name : `CAST(${name} AS DECIMAL(65,${scale}))` };
  }
  if (only('float')) return types.size === 1 ? { kind: 'double', read: `${name}+0e0` } : null;
  if (only('temporal')) {
    const group = types.has('timestamp') ? 'datetime' : source.dataType;
    if (types.size > 1 && [...types].some((type) => type !== 'timestamp' && type !== 'datetime')) return null;
    if (source.precision === target.precision) return { kind: 'text', read: name };
    const precision = Math.max(source.precision ?? 0, target.precision ?? 0);
    return { kind: 'text', read: `CAST(${name} AS ${group.toUpperCase()}(${precision}))` };
  }
  if (only('text')) {
    const charsets = charsetsOf(source, target);
    return { kind: 'text', read: name, ...(charsets && { charsets, reads: textReads(name, charsets) }) };
  }
  if (only('bytes')) return { kind: 'bytes', read: name };
  if (only('literal')) return types.size === 1 ? { kind: 'text', read: name } : null;
  return null;
}

function charsetsOf(source: Column, target: Column): KeyColumn['charsets'] {
  const [from, to] = [charsetOf(source), charsetOf(target)];
  if (from === null || to === null) return null;
  // Each side is asked in its own word for it: what one calls utf8mb3 is utf8 to an older one.
  return from === to
    ? { source: from, target: from }
    : { source: source.charset ?? from, target: target.charset ?? to };
}

function zerofill({ columnType }: Column): boolean {
  return /zerofill/i.test(columnType);
}
