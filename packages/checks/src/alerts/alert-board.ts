import type { Alert } from '../model/alert.ts';
import type { OpenAlert } from './open-alert.ts';

/** The alerts that are not over, by fingerprint. There may be a hundred thousand: nothing is gathered of them all. */
export class AlertBoard {
  readonly #open = new Map<string, OpenAlert>();
  /** How many alerts each table has, by pair and shown name. */
  readonly #tables = new Map<string, Map<string, number>>();

  get(fingerprint: string): OpenAlert | undefined {
    return this.#open.get(fingerprint);
  }

  has(fingerprint: string): boolean {
    return this.#open.has(fingerprint);
  }

  /** Also while some come and go. */
  all(): Iterable<OpenAlert> {
    return this.#open.values();
  }

  /** The shown names of the tables of a pair that have alerts; also while some come and go. */
  tablesOf(pair: string): Iterable<string> {
    return this.#tables.get(pair)?.keys() ?? [];
  }

  set(fingerprint: string, open: OpenAlert): void {
    this.delete(fingerprint);
    this.#open.set(fingerprint, open);
    this.#count(open.alert, 1);
  }

  delete(fingerprint: string): void {
    const open = this.#open.get(fingerprint);
    if (!open) return;
    this.#open.delete(fingerprint);
    this.#count(open.alert, -1);
  }

  #count({ pair, table }: Alert, more: 1 | -1): void {
    if (pair === null || table === null) return;
    const tables = this.#tables.get(pair) ?? new Map<string, number>();
    this.#tables.set(pair, tables);
    const count = (tables.get(table) ?? 0) + more;
    if (count > 0) tables.set(table, count);
    else tables.delete(table);
  }
}
