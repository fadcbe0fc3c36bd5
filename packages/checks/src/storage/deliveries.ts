import type { Delivery } from '../model/delivery.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

export type DeliveryKey = Pick<Delivery, 'key' | 'destination'>;

const KEY = 'rowid AS at, key, destination, alert_id AS alertId';
/** Some milliseconds' work. */
const pageRows = 1_000;

export class Deliveries {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  record(delivery: Delivery): number {
    return this.#db.run(
      'INSERT OR REPLACE INTO temp.new_delivery VALUES (?, ?, ?, ?, ?, ?)',
      delivery.key,
      delivery.destination,
      delivery.alert.id,
      delivery.createdAt.getTime(),
      delivery.endedAt?.getTime() ?? null,
      toSealed(delivery),
    );
  }

  ofAlert(id: string): Delivery[] {
    return this.#select('alert_id = ?', id);
  }

  waiting(): Delivery[] {
    return this.#select('ended_at IS NULL');
  }

  /** Of all that wait, in pages, each read when it is asked for: what is written meanwhile may come or not. */
  *waitingKeys(): Generator<(DeliveryKey & { alertId: string })[], undefined> {
    yield this.#db.readAll(`SELECT ${KEY} FROM temp.new_delivery WHERE ended_at IS NULL ORDER BY rowid`);
    let page: (DeliveryKey & { alertId: string; at: number })[];
    let last = 0;
    do {
      page = this.#db.readAll(
        `SELECT ${KEY} FROM main.delivery WHERE ended_at IS NULL AND rowid > ? ORDER BY rowid LIMIT ${pageRows}`,
        last,
      );
      last = page.at(-1)?.at ?? last;
      yield page;
    } while (page.length === pageRows);
  }

  get({ key, destination }: DeliveryKey): Delivery | null {
    return this.#select('key = ? AND destination = ?', key, destination)[0] ?? null;
  }

  #select(where: string, ...values: string[]): Delivery[] {
    return this.#db.readNouns<Delivery>(
      `SELECT body FROM temp.all_delivery WHERE ${where} ORDER BY created_at, key, destination`,
      ...values,
    );
  }
}
