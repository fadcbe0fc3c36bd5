import { setTimeout as pause } from 'node:timers/promises';
import type { ServerHandle } from '@lockstep/servers';
import { cold, hotProduct, size } from './tables.ts';

const tickMs = 50;
const tickEndMs = 2000;

export interface Workload {
  /** Rejects when the source refuses a write; resolves after `stop`. */
  done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Business as usual: about 85 small transactions a second, 20 of them on one and the same row. Tables keep their size.
 * Only warm rows are touched.
 */
export async function startWorkload(source: ServerHandle): Promise<Workload> {
  const connection = await source.connect();
  let stopped = false;
  const done = (async () => {
    try {
      for (let tick = 0; !stopped; tick++) {
        const next = pause(tickMs);
        for (const [sql, values] of writes(tick)) await connection.query(sql, values);
        await next;
      }
    } catch (error) {
      if (!stopped) throw error;
    } finally {
      connection.destroy();
    }
  })();
  return {
    done,
    async stop() {
      stopped = true;
      const ended = done.catch(() => undefined);
      // To the end of the tick, so that what was inserted is deleted; a source that hangs is not waited for.
      await Promise.race([ended, pause(tickEndMs, undefined, { ref: false })]);
      connection.destroy();
      await ended;
    },
  };
}

type Write = [string, (string | number)[]];

function writes(tick: number): Write[] {
  const customer = cold.customers + 1 + (tick % (size.customers - cold.customers));
  const product = 1 + ((tick * 31) % size.products);
  const list: Write[] = [
    ['UPDATE shop.products SET stock = stock + ? WHERE id = ?', [tick % 2 ? 1 : -1, hotProduct]],
    [
      'INSERT INTO shop.orders (customer_id, product_id, quantity, total) VALUES (?, ?, ?, ?)',
      [customer, product, 1 + (tick % 5), 20 + (tick % 900)],
    ],
    [
      "UPDATE shop.orders SET status = ELT(1 + ? % 3, 'paid', 'packed', 'shipped') WHERE id > ? ORDER BY id DESC LIMIT 1",
      [tick, cold.orders],
    ],
    ['DELETE FROM shop.orders WHERE id > ? ORDER BY id LIMIT 1', [cold.orders]],
  ];
  if (tick % 4 === 0) {
    list.push(['UPDATE shop.customers SET credit = credit + 0.01 WHERE id = ?', [customer]]);
  }
  return list;
}
