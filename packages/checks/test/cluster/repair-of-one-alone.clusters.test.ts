import { createMonitorUser, replicate, startGalera, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { clusters } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { repairText } from '../../src/verify/repair/repair-text.ts';
import { checkOnce } from '../support/check-once.ts';
import { connect } from '../support/connect.ts';

test.runIf(clusters.includes('galera'))(
  'a repair for a replica that is a node without wsrep_on writes nothing once it is in its cluster again',
  async () => {
    await using cluster = await startGalera();
    await using s1 = await startServer({ flavour: 'mariadb', serverId: 77 });
    const [n1, n2] = cluster.members;
    await replicate(n1, s1);
    await s1.query('CREATE DATABASE shop');
    await s1.query('CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await s1.query('INSERT INTO shop.t VALUES (1), (2)');
    const rows = () => n2.query('SELECT id FROM shop.t ORDER BY id');
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), patient);
    await createMonitorUser(s1, ['shop']);
    await n1.query(`GRANT SELECT ON shop.* TO '${n1.monitor.user}'@'127.0.0.1'`);
    await n1.query('SET GLOBAL wsrep_on = OFF');
    n1.disconnect();
    await n1.query('SET sql_log_bin = 0');
    await n1.query('DELETE FROM shop.t WHERE id = 2');
    n1.disconnect();
    const [found] = await checkOnce({ name: 'shop', source: s1, target: n1 });
    expect(found).toMatchObject({ verdict: 'DIFFERENT' });
    const { source, target } = await connect({ source: s1, target: n1 });
    const { preamble, statements, afterwards } = await repairText({
      source: source!,
      target: target!,
      name: { schema: 'shop', table: 't' },
      rows: found!.rows,
      total: 1,
      override: { ignoreColumns: [], maskColumns: [], where: null },
      query: {},
    });
    await n1.query('SET GLOBAL wsrep_on = ON');
    n1.disconnect();
    const person = await n1.connect();
    const errors: string[] = [];
    for (const statement of [...preamble, ...statements, ...(afterwards ?? [])]) {
      await person.query(statement).catch((error: Error) => errors.push(error.message));
    }
    await person.end();
    expect(errors).toContainEqual(expect.stringContaining('is a node of a cluster now'));
    expect(await n1.query('SELECT id FROM shop.t')).toEqual([{ id: 1 }]);
    expect(await rows()).toHaveLength(2);
  },
);
