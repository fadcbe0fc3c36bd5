import type { PairConfig } from '../../config.ts';
import { namesFold } from '../../server/names-fold.ts';
import { retryConnection } from '../../server/retry-connection.ts';
import type { SqlServer } from '../../server/sql-server.ts';
import { formatTableName, tableId, type TableName } from '../../table-name.ts';
import { fits } from '../../table-pattern.ts';
import { foldedName } from '../../wildcards.ts';
import { type CatalogEntry, listTables } from '../table/catalog.ts';
import { isBookkeeping, isOfProvider } from '../table/not-the-users.ts';
import { byText } from './by-text.ts';
import { maySelect, namesSchema, namesTable, selected } from './selection.ts';
import { Spelling } from './spelling.ts';

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

export interface WantedTable extends CatalogEntry {
  /** Why it cannot be told what the other side has of it, before anything is compared. */
  collision?: string;
}

/** What a run is to look at, by the catalogs and the configuration. */
export interface WantedTables {
  /** By schema and name. */
  tables: WantedTable[];
  /** Views and the like, which are selected and not compared. */
  notCompared: CatalogEntry[];
  /** What a provider or a tool keeps for itself, by schema or table, and no pattern names. */
  notTheUsers: string[];
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
  const fold = namesFold(source, target);
  const schemas = only && new Set(only.map(({ schema }) => foldedName(schema)));
  const notTheUsers = new Set<string>();
  const wanted = (schema: string) => {
    if (schemas) return schemas.has(foldedName(schema));
    if (!maySelect(pair.tables, schema, fold)) return false;
    if (!isOfProvider(schema, [source, target]) || namesSchema(pair.tables, schema, fold)) return true;
    notTheUsers.add(`${schema}.*`);
    return false;
  };
  const [here, there] = await retryConnection(
    () => Promise.all([listTables(source, wanted, query), listTables(target, wanted, query)]),
    [source, target],
    pair.verify.waitMs,
    signal,
  );
  const spelling = new Spelling({ server: source, entries: here }, { server: target, entries: there });
  const asked = only && new Set(only.map((name) => spelling.idOf(name)));
  const onSource = new Set(here.map((name) => spelling.idOf(name)));
  const leftAlone = (entry: TableName) =>
    !asked &&
    isBookkeeping(entry) &&
    !onSource.has(spelling.idOf(entry)) &&
    !namesTable(pair.tables, entry, fold);
  const found = new Map<string, WantedTable>();
  const others = new Map<string, CatalogEntry>();
  // The source's entry is to win, as its estimate of the rows is the one shown.
  for (const own of [...absent(only ?? known?.() ?? []), ...there, ...here]) {
    const entry = spelling.of(own);
    if (asked ? !asked.has(spelling.idOf(entry)) : !selected(pair.tables, entry, fold)) continue;
    if (leftAlone(entry)) {
      notTheUsers.add(formatTableName(entry));
      continue;
    }
    const collision = spelling.collision(entry);
    const wanted = collision === null ? entry : { ...entry, collision };
    (entry.kind === 'table' ? found : others).set(tableId(entry), wanted);
  }
  const fitting = (pattern: string) => [...here, ...there].some((entry) => fits(pattern, entry, fold));
  const idle = (patterns: string[]) => (only ? [] : patterns.filter((pattern) => !fitting(pattern)));
  return {
    tables: [...found.values()].sort((a, b) =>
      a.schema === b.schema ? byText(a.table, b.table) : byText(a.schema, b.schema),
    ),
    notCompared: [...others].filter(([id]) => !found.has(id)).map(([, entry]) => entry),
    notTheUsers: [...notTheUsers].sort(byText),
    unmatched: idle(pair.tables.within ?? pair.tables.include),
    idleSettings: pair.tables.within ? [] : idle(pair.tables.overrides.map(({ match }) => match)),
  };
}

/** Tables that were asked for by name, or known, are looked at even where neither catalog has them. */
function absent(names: TableName[]): CatalogEntry[] {
  return names.map(({ schema, table }) => ({ schema, table, engine: null, rowsEstimated: 0, kind: 'table' }));
}
