import type { TestServer } from '@lockstep/servers';

/** The node, which numbers its binlog by itself, gives six numbers more than the others to what leaves nothing. */
export async function runAhead(node: TestServer): Promise<void> {
  const person = await node.connect();
  await person.query('SET wsrep_on = 0');
  for (const id of [1000, 1001, 1002]) {
    await person.query(`INSERT INTO shop.t VALUES (${id})`);
    await person.query(`DELETE FROM shop.t WHERE id = ${id}`);
  }
  await person.end();
}
