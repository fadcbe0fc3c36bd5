import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from '../patience.ts';
import type { TestServer } from '../process/test-server.ts';
import { dialectOf } from './dialect.ts';
import { replicaStatus } from './replicate.ts';

/**
 * Makes the target of a pair that others use at this moment replicate again: what it cannot apply is left out, which
 * is the loss of whoever wrote it. Does nothing to a pair that is well.
 */
export async function mendReplication(source: TestServer, target: TestServer): Promise<void> {
  for (const server of [source, target]) await server.start();
  const dialect = dialectOf(target);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { receiver, applier, error, raw } = await replicaStatus(target);
    if (applier === 'Yes' && receiver !== 'No') return;
    if (performance.now() > deadline) throw new Error(`replication cannot be mended: ${error}`);
    await target.query(dialect.stop('both', ''));
    if (applier === 'No' && error !== '') {
      await skipTransaction(target, String(raw['Retrieved_Gtid_Set'] ?? ''));
    }
    await target.query(dialect.start('both', ''));
    await pause(50);
  }
}

async function skipTransaction(target: TestServer, received: string): Promise<void> {
  if (target.flavour === 'mariadb') {
    await target.query('SET GLOBAL sql_slave_skip_counter = 1');
    return;
  }
  const [row] = await target.query<{ next: string }>(`SELECT GTID_SUBTRACT(?, @@gtid_executed) AS next`, [
    received,
  ]);
  const [uuid, first] = (row?.next ?? '').split(',')[0]?.split(':') ?? [];
  if (!uuid || !first) return;
  const connection = await target.connect();
  try {
    await connection.query(`SET gtid_next = '${uuid}:${first.split('-')[0]}'`);
    await connection.query('BEGIN; COMMIT');
  } finally {
    await connection.end();
  }
}
