import type { TestServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { expect, vi } from 'vitest';

/** `shop.t` on a member of a cluster: ids that count up, so that what is missing, or given twice, is seen. */
export async function countedTable(member: TestServer) {
  await member.query('CREATE DATABASE shop');
  await member.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
  let next = 0;
  const ids = async (server: TestServer) => {
    const rows = await server.query<{ id: number }>('SELECT id FROM shop.t ORDER BY id');
    return rows.map(({ id }) => id);
  };
  return {
    write: async (node: TestServer, rows: number) => {
      for (let i = 0; i < rows; i++) await node.query(`INSERT INTO shop.t VALUES (${next++})`);
    },
    ids,
    /** The last that was written is there. */
    arrived: (server: TestServer) =>
      vi.waitFor(async () => expect(await ids(server).catch(() => [])).toContain(next - 1), patient),
  };
}
