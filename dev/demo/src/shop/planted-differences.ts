import type { ServerHandle } from '@lockstep/servers';

/** What `plantDifferences` does, in words. */
export const planted = '2 orders with the same wrong status, 1 order missing, 1 customer too many';

/**
 * Changes cold rows of a replica behind replication's back, as a careless operator would. Two rows get the same wrong
 * value because that is what an XOR of row checksums cannot see; the workload never comes here, so replication goes on.
 */
export async function plantDifferences(replica: ServerHandle): Promise<void> {
  const connection = await replica.connect();
  try {
    await connection.query('SET sql_log_bin = 0');
    await connection.query("UPDATE shop.orders SET status = 'refused' WHERE id IN (500, 502)");
    await connection.query('DELETE FROM shop.orders WHERE id = 1234');
    await connection.query(
      `INSERT INTO shop.customers (id, name, email, city, credit)
       VALUES (900, 'Nobody', 'nobody@shop.example', NULL, 999)`,
    );
  } finally {
    await connection.end();
  }
}
