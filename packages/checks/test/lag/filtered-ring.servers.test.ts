import { replicate, type ServerHandle, startReplica, startServer, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { type LagWatch, provedAfter, watchLag } from '../support/lag-watch.ts';

/** The source's changes come to the target by `own`, and round by the relay to `other`, which leaves out `d`. */
async function ring(source: ServerHandle, relay: ServerHandle, target: ServerHandle, gtid: boolean) {
  await source.query('SET GLOBAL gtid_domain_id = 2');
  source.disconnect();
  await replicate(relay, source);
  await replicate(target, relay, { channel: 'other', gtid });
  await stopReplica(target, 'both', 'other');
  await target.query(`SET GLOBAL other.replicate_wild_ignore_table = 'd.%'`);
  await startReplica(target, 'both', 'other');
  await replicate(target, source, { channel: 'own' });
  await source.query('CREATE DATABASE d');
  await source.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
  await source.query('INSERT INTO d.t VALUES (1, 1)');
  await vi.waitFor(async () => {
    expect(await target.query('SELECT v FROM d.t')).toHaveLength(1);
  }, patient);
}

const applied = async (target: ServerHandle) =>
  String((await target.query('SELECT @@global.gtid_slave_pos AS p'))[0]?.['p']);
const written = async (source: ServerHandle) =>
  String((await source.query('SELECT @@global.gtid_binlog_pos AS p'))[0]?.['p']);

/** What is said while the own channel waits for a lock, and the other one has passed over what it waits with. */
async function saidWhileHeld(
  watch: LagWatch,
  source: ServerHandle,
  target: ServerHandle,
  pass: () => Promise<void>,
) {
  const holder = await target.connect();
  await holder.query('LOCK TABLES d.t READ');
  await source.query('UPDATE d.t SET v = v + 1');
  await pass();
  const position = await written(source);
  await vi.waitFor(async () => expect((await applied(target)).split(',')).toContain(position), patient);
  const since = Date.now();
  await watch.samplesMore(30);
  return provedAfter(since, watch.samples('pair')).filter(({ lagMs }) => lagMs === 0);
}

describe.runIf(flavours.includes('mariadb'))('what another channel leaves out by tables', () => {
  test('is not taken for applied where its link had stood still, and goes on', async () => {
    const [source, relay, target] = await Promise.all(
      [1, 2, 3].map(() => startServer({ flavour: 'mariadb' })),
    );
    await using watch = watchLag({ source: source!, target: target! }, [{ channel: 'own' }], {
      statusIntervalMs: 2000,
    });
    try {
      await ring(source!, relay!, target!, true);
      await vi.waitFor(() => expect(watch.sample()).toMatchObject({ method: 'file', lagMs: 0 }), patient);
      await stopReplica(relay!, 'io');
      // That the other one brings nothing is seen by what the own one brings meanwhile.
      await vi.waitFor(async () => {
        await source!.query('UPDATE d.t SET v = v + 1');
        expect(watch.sample()).toMatchObject({ method: 'gtid' });
      }, patient);
      await vi.waitFor(() => expect(watch.sample()).toMatchObject({ method: 'gtid', lagMs: 0 }), patient);
      expect(await saidWhileHeld(watch, source!, target!, () => startReplica(relay!, 'io'))).toEqual([]);
    } finally {
      await Promise.all([source!.remove(), relay!.remove(), target!.remove()]);
    }
  });

  test('is not taken for applied where it goes by file and offset, and tells no GTIDs', async () => {
    const [source, relay, target] = await Promise.all(
      [1, 2, 3].map(() => startServer({ flavour: 'mariadb' })),
    );
    await using watch = watchLag({ source: source!, target: target! }, [{ channel: 'own' }]);
    try {
      await ring(source!, relay!, target!, false);
      await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: 0 }), patient);
      await source!.query('UPDATE d.t SET v = v + 1');
      await watch.samplesMore(30);
      expect(await saidWhileHeld(watch, source!, target!, async () => {})).toEqual([]);
    } finally {
      await Promise.all([source!.remove(), relay!.remove(), target!.remove()]);
    }
  });
});
