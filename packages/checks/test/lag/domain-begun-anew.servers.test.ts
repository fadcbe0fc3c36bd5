import { caughtUp, createMonitorUser, replicate, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, test, vi } from 'vitest';
import { provedAfter, watchLag } from '../support/lag-watch.ts';

/** What it says of threads and channels is no help here: it is read far less often than servers are looked at. */
const seldomMs = 2000;

test.runIf(flavours.includes('mariadb'))(
  'a domain that a source deleted and writes in anew is never taken for one that its target has',
  async () => {
    await using stack = new AsyncDisposableStack();
    const source = stack.use(await startServer({ flavour: 'mariadb' }));
    const target = stack.use(await startServer({ flavour: 'mariadb' }));
    await replicate(target, source);
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
    const write = async (...statements: string[]) => {
      await source.query('SET gtid_domain_id = 5');
      for (const statement of statements) await source.query(statement);
      await source.query('SET gtid_domain_id = 0');
    };
    await write('INSERT INTO d.t VALUES (1, 1)', 'UPDATE d.t SET v = 2', 'UPDATE d.t SET v = 3');
    await caughtUp(source, target);
    for (const server of [source, target]) await createMonitorUser(server, ['d']);

    await source.query('FLUSH BINARY LOGS');
    const [end] = await source.query('SHOW MASTER STATUS');
    await vi.waitFor(async () => {
      await source.query(`PURGE BINARY LOGS TO '${String(end?.['File'])}'`);
      await source.query('FLUSH BINARY LOGS DELETE_DOMAIN_ID = (5)');
    }, patient);
    await using watch = watchLag({ source, target }, [{}], { statusIntervalMs: seldomMs });
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    // A domain that was deleted on purpose is no lost history.
    await watch.samplesMore(5);

    const holder = await target.connect();
    await holder.query('LOCK TABLES d.t READ');
    await write('UPDATE d.t SET v = 4');
    const written = Date.now();
    await watch.samplesMore(10);
    const inSync = provedAfter(written, watch.samples('pair')).filter(({ lagMs }) => lagMs === 0);
    expect(inSync.map(({ evidence }) => evidence)).toEqual([]);
    expect(watch.sample().evidence).toMatch(/its history was reset or restored/);
    await holder.query('UNLOCK TABLES');
    await holder.end();
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  },
);
