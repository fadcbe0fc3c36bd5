import type { SqlServer } from '../../server/sql-server.ts';
import { formatTableName, tableId, type TableName } from '../../table-name.ts';
import { foldedName } from '../../wildcards.ts';
import { byText } from './by-text.ts';

interface Side<T> {
  server: Pick<SqlServer, 'name' | 'facts'>;
  entries: T[];
}

/**
 * What a pair's tables are called where one of its servers compares names without case: as the other one calls them,
 * for that one is to be asked by its own spelling; as the source does where both compare so.
 */
export class Spelling {
  readonly #folds: boolean;
  readonly #names = new Map<string, TableName[]>();
  readonly #exact = new Set<string>();
  readonly #collide: (names: TableName[]) => string | null;

  constructor(source: Side<TableName>, target: Side<TableName>) {
    const [here, there] = [source, target].map(({ server }) => server.facts?.foldsNames === true);
    this.#folds = here === true || there === true;
    const [told, folding] = here && !there ? [target, source] : [source, target];
    this.#collide = (names) =>
      names.length < 2
        ? null
        : `${told.server.name} has ${names.map(formatTableName).sort(byText).join(' and ')}, which are one table on ${folding.server.name}, where names are compared without case: what of it is whose cannot be told`;
    if (!this.#folds) return;
    for (const { schema, table } of told.entries) {
      const name = { schema, table };
      const folded = this.idOf(name);
      const exact = tableId(name);
      if (this.#exact.has(exact)) continue;
      this.#exact.add(exact);
      this.#names.set(folded, [...(this.#names.get(folded) ?? []), name]);
    }
  }

  /** Equal for two names that name the same. */
  idOf(name: TableName): string {
    return this.#folds ? foldedName(tableId(name)) : tableId(name);
  }

  of<T extends TableName>(entry: T): T {
    if (!this.#folds || this.#exact.has(tableId(entry))) return entry;
    const [name] = this.#names.get(this.idOf(entry)) ?? [];
    return name ? { ...entry, schema: name.schema, table: name.table } : entry;
  }

  /** Why it cannot be told which of several tables the other side's is; null when there is one. */
  collision(name: TableName): string | null {
    return this.#collide(this.#names.get(this.idOf(name)) ?? []);
  }
}
