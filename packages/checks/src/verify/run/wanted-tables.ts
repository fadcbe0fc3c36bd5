import type { PairConfig } from '../../config.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { tableId, type TableName } from '../../table-name.ts';
import { type CatalogEntry, listTables } from '../table/catalog.ts';
import { byText } from './by-text.ts';
import { fits, maySelect, selected } from './selection.ts';

export interface WantedOptions {
  pair: PairConfig;
  /** These tables only, whatever the selection says; null for all selected ones. */
  only: TableName[] | null;
  source: SqlServer;
  target: SqlServer;
  /** Tables that earlier runs knew. */
  known?: (() => TableName[]) | undefined;
  signal: AbortSignal;
}

/** What a run is to look at, by the catalogs and the configuration. */
export interface WantedTables {
  /** By schema and name. */
  tables: CatalogEntry[];
  /** Views and the like, which are selected and not compared. */
  notCompared: CatalogEntry[];
  /** Patterns of the configuration that fit nothing. */
  unmatched: string[];
  /** The same of overrides: a mistake in one masks nothing, and leaves nothing out. */
  idleSettings: string[];
}

/**
 * The union of both sides, so that a table on one side only is seen, and what earlier runs knew. Rejects with a
 * ServerFault when a server stays away.
 */
export async function wantedTables(options: WantedOptions): Promise<WantedTables> {
  const { source, target, only, pair, known, signal } = options;
  const query = { signal };
  const schemas = only && new Set(only.map(({ schema }) => schema.toLowerCase()));
  const wanted = (schema: string) =>
    schemas ? schemas.has(schema.toLowerCase()) : maySelect(pair.tables, schema);
  const [here, onTarget] = await retryConnection(
    () => Promise.all([listTables(source, wanted, query), listTables(target, wanted, query)]),
    [source, target],
    pair.verify.waitMs,
    signal,
  );
  const spelled = (entries: CatalogEntry[]) =>
    target.facts?.foldsNames ? asSpelledBy(here, entries) : entries;
  const there = spelled(onTarget);
  const asked = only && new Set(only.map(tableId));
  const found = new Map<string, CatalogEntry>();
  const others = new Map<string, CatalogEntry>();
  // The source's entry is to win, as its estimate of the rows is the one shown.
  for (const entry of [...spelled(absent(only ?? known?.() ?? [])), ...there, ...here]) {
    const id = tableId(entry);
    if (asked ? !asked.has(id) : !selected(pair.tables, entry)) continue;
    (entry.kind === 'table' ? found : others).set(id, entry);
  }
  const fitting = (pattern: string) => [...here, ...there].some((entry) => fits(pattern, entry));
  const idle = (patterns: string[]) => (only ? [] : patterns.filter((pattern) => !fitting(pattern)));
  return {
    tables: [...found.values()].sort((a, b) =>
      a.schema === b.schema ? byText(a.table, b.table) : byText(a.schema, b.schema),
    ),
    notCompared: [...others].filter(([id]) => !found.has(id)).map(([, entry]) => entry),
    unmatched: idle(pair.tables.include),
    idleSettings: idle(pair.tables.overrides.map(({ match }) => match)),
  };
}

/** Tables that were asked for by name, or known, are looked at even where neither catalog has them. */
function absent(names: TableName[]): CatalogEntry[] {
  return names.map(({ schema, table }) => ({ schema, table, engine: null, rowsEstimated: 0, kind: 'table' }));
}

/** Of a server that knows names in small letters only: what the source calls otherwise has the source's name. */
function asSpelledBy(source: CatalogEntry[], folded: CatalogEntry[]): CatalogEntry[] {
  const exact = new Set(source.map(tableId));
  const spelled = new Map(source.map((entry) => [tableId(entry).toLowerCase(), entry]));
  return folded.map((entry) => {
    const id = tableId(entry);
    const twin = exact.has(id) ? undefined : spelled.get(id.toLowerCase());
    return twin ? { ...entry, schema: twin.schema, table: twin.table } : entry;
  });
}
