import type { Delivery } from '../model/delivery.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

export type DeliveryKey = Pick<Delivery, 'key' | 'destination'>;

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

  /** Of all that wait, or are about alerts that are not over, oldest first. */
  openKeys(): DeliveryKey[] {
    return this.#db.readAll<DeliveryKey>(
      `SELECT key, destination FROM temp.all_delivery
       WHERE ended_at IS NULL OR alert_id IN (SELECT id FROM temp.all_alert WHERE resolved_at IS NULL)
       ORDER BY created_at, key, destination`,
    );
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
