import type { Delivery } from '../model/delivery.ts';
import type { Database } from './database.ts';
import { toSealed } from './seal.ts';

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

  open(): Delivery[] {
    return this.#select(
      'ended_at IS NULL OR alert_id IN (SELECT id FROM temp.all_alert WHERE resolved_at IS NULL)',
    );
  }

  #select(where: string, ...values: string[]): Delivery[] {
    return this.#db.readNouns<Delivery>(
      `SELECT body FROM temp.all_delivery WHERE ${where} ORDER BY created_at, key, destination`,
      ...values,
    );
  }
}
