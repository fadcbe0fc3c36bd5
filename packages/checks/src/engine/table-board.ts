import type { KnownAs, TableFilter, TableState } from '../engine-api.ts';
import { noTables, type TableCounts } from '../model/pair.ts';
import {
  type CheckKind,
  checkKinds,
  type DefinitionDigests,
  type DifferenceCounts,
  type TableResult,
  type Verdict,
} from '../model/verdict.ts';
import type { Page, PageRequest } from '../storage/storage.ts';
import { readTableName, tableId, type TableName } from '../table-name.ts';
import { whyOther } from '../verify/run/basis.ts';
import type { CatalogEntry } from '../verify/table/catalog.ts';
import { foldedName } from '../wildcards.ts';
import { byName, type NamesOfPair, pageOfNames } from './page-of-names.ts';

type Result = Omit<TableResult, 'rows'>;
type Sides = { source: string | null; target: string | null };

/** A table with what is known of it now, and what was found, whether or not that still holds. */
interface KnownTable extends Omit<TableState, 'standing' | 'checking'> {
  found: Partial<Record<CheckKind, Result>>;
}

const countOf: Record<KnownAs, keyof TableCounts> = {
  MATCH: 'match',
  DIFFERENT: 'different',
  SCHEMA_DIFFERS: 'schemaDiffers',
  MISSING: 'missing',
  UNVERIFIED: 'unverified',
  ERROR: 'error',
  pending: 'pending',
};

/**
 * What is known of every table of one pair: the catalog, joined with the latest results. Known is what was compared
 * with the two servers of now, under the settings of now: whoever tells of a table's result, its rows or its repair
 * asks here whether it still holds. What was found is kept, for the same servers may come back.
 */
export class TableBoard {
  readonly #pair: string;
  readonly #tables = new Map<string, KnownTable>();
  readonly #settingsOf: (name: TableName) => string;
  /** By schema and name, for pages; null: to be made anew. */
  #inOrder: TableName[] | null = null;
  /** By their names without case, where one name is one table; null: to be made anew. */
  #folded: Map<string, TableName | null> | null = null;
  #sides: Sides = { source: null, target: null };
  /** Asked for every second, of tens of thousands of tables, and rarely another; null: to be made anew. */
  #summary: Summary | null = null;

  /** `results`: what earlier runs of the program found. `settingsOf`: digest of a table's settings as they are now. */
  constructor(pair: string, results: Result[], settingsOf: (name: TableName) => string = () => '') {
    this.#pair = pair;
    this.#settingsOf = settingsOf;
    for (const result of results) this.record(result);
  }

  /**
   * These are the servers now; null for one that is not known. Answers the results of which something else is known
   * than before.
   */
  setSides(sides: Sides): Result[] {
    // Every result is known as of these already; there may be a hundred thousand.
    if (sides.source === this.#sides.source && sides.target === this.#sides.target) return [];
    this.#summary = null;
    this.#sides = sides;
    return [...this.#tables.values()].flatMap((table) => this.#lookAgain(table));
  }

  /** Answers what is known otherwise than before, and of `fresh` in any case. */
  #lookAgain(table: KnownTable, fresh?: Result): Result[] {
    return checkKinds.flatMap((check) => {
      const found = table.found[check];
      if (!found) return [];
      const known = this.#asOfNow(found, table.found.consistency);
      const isSame = known.verdict === table[check]?.verdict && known.reason === table[check].reason;
      if (isSame && found !== fresh) return [];
      table[check] = known;
      return [known];
    });
  }

  /** The latest results, whether or not they hold, for another board: what was said of these is not said of those. */
  found(): Result[] {
    const all = [...this.#tables.values()].flatMap(({ found }) => Object.values(found));
    return all.map((result) => ({ ...result }));
  }

  names(): TableName[] {
    return [...this.#tables.values()].map(({ schema, table }) => ({ schema, table }));
  }

  /** What a table is called here that somebody names in another case, on servers that take both for one. */
  spelled(name: TableName): TableName {
    if (this.#tables.has(tableId(name))) return name;
    if (!this.#folded) {
      this.#folded = new Map();
      for (const known of this.names()) {
        const id = foldedName(tableId(known));
        this.#folded.set(id, this.#folded.has(id) ? null : known);
      }
    }
    return this.#folded.get(foldedName(tableId(name))) ?? name;
  }

  forget(name: TableName): void {
    this.#summary = null;
    this.#inOrder = null;
    this.#folded = null;
    this.#tables.delete(tableId(name));
  }

  /** A run over all tables will look at these; others are not wanted any more, and forgotten: answers which. */
  setCatalog(entries: CatalogEntry[]): TableName[] {
    const seen = new Set(entries.map(tableId));
    const others = this.names().filter((name) => !seen.has(tableId(name)));
    for (const name of others) this.forget(name);
    for (const entry of entries) this.#table(entry).rowsEstimated = entry.rowsEstimated;
    this.#summary = null;
    return others;
  }

  /** Answers what is known by it now. */
  record(result: Result): Result {
    this.take(result);
    return this.#table(result)[result.check] ?? result;
  }

  /** As `record`; answers, besides, the other of which something else is known through it. */
  take(result: Result): Result[] {
    this.#summary = null;
    const table = this.#table(result);
    table.found[result.check] = result;
    return this.#lookAgain(table, result);
  }

  /** The result of a count with what one before it found, which is not settled by counts that are equal again. */
  withCountedBefore<Found extends Result>(result: Found): Found {
    const { checksum, consistency } = this.#tables.get(tableId(result))?.found ?? {};
    if (result.check !== 'consistency' || !consistency) return result;
    const before = countedOther(consistency);
    if (!before || isSettled(before, checksum)) return result;
    return { ...result, countedBefore: before };
  }

  /** The result of now, which is later than all that was found before: the clock may have been set back since. */
  asLatest<Found extends Result>(result: Found): Found {
    const before = Object.values(this.#tables.get(tableId(result))?.found ?? {});
    const last = Math.max(...before.map(foundAt));
    return last < foundAt(result) ? result : { ...result, foundAfter: new Date(last) };
  }

  /** As what the table was read when it was last looked at, by whichever check. */
  definedAs(name: TableName): DefinitionDigests | undefined {
    const { checksum, consistency } = this.#tables.get(tableId(name))?.found ?? {};
    const found = [checksum, consistency].filter((each) => each !== undefined);
    const looks = found.filter((each) => each.definedAs !== undefined);
    return looks.sort((a, b) => foundAt(b) - foundAt(a))[0]?.definedAs;
  }

  /** Why what the storage has of a table's latest result is not known any more; null while it is. */
  whyVoid(check: CheckKind, name: TableName): string | null {
    const table = this.#tables.get(tableId(name));
    const known = table?.[check];
    return !known || known === table.found[check] ? null : known.reason;
  }

  /** `current`: the ids of the tables that runs are working on now. */
  list(current: ReadonlySet<string>): TableState[] {
    return [...this.#tables.values()].map((table) => stateOf(table, current));
  }

  /** As `list`, by schema and name, a page at a time. Throws EngineRequestError for a foreign cursor. */
  page(request: PageRequest, current: ReadonlySet<string>, filter: TableFilter = {}): Page<TableState> {
    const { items, ...where } = pageOfNames(this.#found(filter), request);
    return { ...where, items: items.flatMap((name) => this.get(name, current) ?? []) };
  }

  /** Their names, counted before anything is looked at. */
  namesKnownAs(known: readonly KnownAs[] | undefined): NamesOfPair {
    const { counts } = this.#summed();
    const count = known
      ? [...new Set(known)].reduce((sum, each) => sum + counts[countOf[each]], 0)
      : counts.total;
    return { pair: this.#pair, count, names: () => this.#found(known ? { known: [...known] } : {}) };
  }

  get(name: TableName, current: ReadonlySet<string>): TableState | null {
    const table = this.#tables.get(tableId(name));
    return table ? stateOf(table, current) : null;
  }

  /** The verdict of one check, as it was recorded last. */
  verdict(check: CheckKind, name: TableName): Verdict | undefined {
    return this.#tables.get(tableId(name))?.[check]?.verdict;
  }

  counts(): TableCounts {
    return this.#summed().counts;
  }

  /** In all tables together, by what is known now. */
  differingRows(): Readonly<DifferenceCounts> {
    return this.#summed().differing;
  }

  /**
   * The oldest of the tables' latest decided verifications; null while any was never decided, or there are no tables.
   */
  oldestVerification(): Date | null {
    return this.#summed().oldest;
  }

  /** The result that stands for each table now. */
  standing(): readonly Result[] {
    return this.#summed().standing;
  }

  /** The result that stands for a table, by its shown name. */
  standingOf(table: string): Result | null {
    const name = readTableName(table);
    const known = name && this.#tables.get(tableId(name));
    return known ? standing(known) : null;
  }

  /** The result itself where it still holds; else that the table is to be verified again, and what was known of it. */
  #asOfNow(found: Result, counted: Result | undefined): Result {
    const { verdict, reason, excludedBy: _, ...others } = found;
    const why = this.#whyOther(found) ?? whyCounted(found, counted);
    if (why === null) return found;
    return {
      ...others,
      verdict: 'UNVERIFIED',
      reason: `to be verified again, ${why} (${verdict} then: ${reason})`,
      position: null,
      sourceRows: null,
      targetRows: null,
      differences: { missing: 0, surplus: 0, changed: 0 },
      schemaDifferences: [],
    };
  }

  /** Why it is of other servers, or settings, than those of now; null where it is not. */
  #whyOther({ basis, schema, table }: Result): string | null {
    if (!basis) return null;
    const { source, target } = this.#sides;
    const settings = this.#settingsOf({ schema, table });
    return whyOther(basis, { source: source ?? basis.source, target: target ?? basis.target, settings });
  }

  #found({ known, search }: TableFilter): readonly TableName[] {
    const names = known ? this.#knownAs(known) : (this.#inOrder ??= this.names().toSorted(byName));
    if (!search) return names;
    const text = search.toLowerCase();
    return names.filter(({ schema, table }) => `${schema}.${table}`.toLowerCase().includes(text));
  }

  #knownAs(known: readonly KnownAs[]): readonly TableName[] {
    const { tables, inOrder } = this.#summed();
    const kinds = [...new Set(known)].sort();
    const key = kinds.join();
    const names = inOrder.get(key) ?? kinds.flatMap((each) => tables[each]).sort(byName);
    inOrder.set(key, names);
    return names;
  }

  #summed(): Summary {
    return (this.#summary ??= summarise(this.#tables.values()));
  }

  #table({ schema, table }: TableName): KnownTable {
    const id = tableId({ schema, table });
    let state = this.#tables.get(id);
    if (!state) {
      state = {
        pair: this.#pair,
        schema,
        table,
        rowsEstimated: null,
        checksum: null,
        consistency: null,
        found: {},
      };
      this.#inOrder = null;
      this.#folded = null;
      this.#tables.set(id, state);
    }
    return state;
  }
}

function stateOf(table: KnownTable, current: ReadonlySet<string>): TableState {
  const { found: _, ...known } = table;
  return { ...known, standing: standing(table), checking: current.has(tableId(table)) };
}

/** When it was found, for what was found of the same table: in ms since 1970, and later than what was found before. */
function foundAt({ finishedAt, foundAfter }: Result): number {
  const at = finishedAt.getTime();
  return foundAfter ? Math.max(at, foundAfter.getTime() + 1) : at;
}

/** What a count found, or one before it, that only a comparison of content settles; null for nothing. */
function countedOther(count: Result): Result['countedBefore'] | null {
  const { verdict, reason, countedBefore } = count;
  const isOther = verdict === 'DIFFERENT' || verdict === 'MISSING';
  return isOther ? { at: new Date(foundAt(count)), reason } : (countedBefore ?? null);
}

function isSettled({ at }: { at: Date }, checksum: Result | undefined): boolean {
  return checksum !== undefined && foundAt(checksum) > at.getTime();
}

/** What matched had rows too many or too few since: that the counts are equal again does not say that it matches. */
function whyCounted(found: Result, counted: Result | undefined): string | null {
  if (found.check !== 'checksum' || found.verdict !== 'MATCH' || !counted) return null;
  const other = countedOther(counted);
  return other && !isSettled(other, found) ? `as a count found since: ${other.reason}` : null;
}

/**
 * The comparison of content says more than that of row counts, so it stands, whatever it found; only where it found
 * nothing wrong does a later count that did take its place.
 */
function standing({ checksum, consistency }: KnownTable): Result | null {
  if (!checksum || !consistency) return checksum ?? consistency;
  const counted = consistency.verdict !== 'MATCH' && consistency.verdict !== 'UNVERIFIED';
  const foundNothing = checksum.verdict === 'MATCH' || checksum.verdict === 'UNVERIFIED';
  return counted && foundNothing && foundAt(consistency) > foundAt(checksum) ? consistency : checksum;
}

const differenceKinds = ['missing', 'surplus', 'changed'] as const satisfies (keyof DifferenceCounts)[];

interface Summary {
  counts: TableCounts;
  differing: DifferenceCounts;
  standing: Result[];
  oldest: Date | null;
  tables: Record<KnownAs, TableName[]>;
  /** Names by what they are known as, for pages: made when they are asked for. */
  inOrder: Map<string, TableName[]>;
}

function summarise(tables: Iterable<KnownTable>): Summary {
  const counts: TableCounts = { ...noTables };
  const results: Result[] = [];
  const byKnown: Summary['tables'] = {
    MATCH: [],
    DIFFERENT: [],
    SCHEMA_DIFFERS: [],
    MISSING: [],
    UNVERIFIED: [],
    ERROR: [],
    pending: [],
  };
  const differing: DifferenceCounts = { missing: 0, surplus: 0, changed: 0 };
  let oldest: Date | null = null;
  let decided = true;
  for (const table of tables) {
    const result = standing(table);
    counts.total++;
    const known = result?.verdict ?? 'pending';
    counts[countOf[known]]++;
    byKnown[known].push(table);
    if (result) results.push(result);
    if (result?.verdict === 'DIFFERENT') {
      for (const kind of differenceKinds) differing[kind] += result.differences[kind];
    }
    decided &&= result !== null && result.verdict !== 'UNVERIFIED' && result.verdict !== 'ERROR';
    if (result && (!oldest || result.finishedAt < oldest)) oldest = result.finishedAt;
  }
  return {
    counts,
    differing,
    standing: results,
    oldest: decided ? oldest : null,
    tables: byKnown,
    inOrder: new Map(),
  };
}
