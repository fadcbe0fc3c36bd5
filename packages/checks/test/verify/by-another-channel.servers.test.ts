import {
  caughtUp,
  createMonitorUser,
  forgetSource,
  replicate,
  startReplica,
  startServer,
  stopReplica,
} from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import type { TableResult } from '../../src/model/verdict.ts';
import { checkOnce } from '../support/check-once.ts';
import { provedAfter, watchLag } from '../support/lag-watch.ts';

/** Two servers of a ring, and a target that reads from both; each writes in a domain of its own. */
async function ringAndTarget(stack: AsyncDisposableStack, ...options: string[]) {
  const [one, other, target] = await Promise.all(
    [1, 2, 3].map(async (domain) =>
      stack.use(
        await startServer({ flavour: 'mariadb', options: [`--gtid-domain-id=${domain}`, ...options] }),
      ),
    ),
  );
  if (!one || !other || !target) throw new Error('three servers were started');
  await replicate(other, one);
  await replicate(one, other);
  await replicate(target, one, { channel: 'one' });
  await replicate(target, other, { channel: 'other' });
  return { one, other, target };
}

type Ring = Awaited<ReturnType<typeof ringAndTarget>>;

/** Table `d.t`, of which the other server wrote a row. */
async function fill({ one, other, target }: Ring): Promise<void> {
  await one.query('CREATE DATABASE d');
  await one.query('CREATE TABLE d.t (id INT PRIMARY KEY, v INT)');
  await caughtUp(one, other);
  await caughtUp(one, target);
  await other.query('INSERT INTO d.t VALUES (1, 1)');
  for (const server of [one, target]) await has(server, 'SELECT * FROM d.t WHERE id = 1');
  for (const server of [one, other, target]) await createMonitorUser(server, ['d']);
}

/** More of it, which comes to the first server, while the target cannot apply it. */
async function write({ one, other }: Ring): Promise<void> {
  await other.query('UPDATE d.t SET v = 2');
  await other.query('INSERT INTO d.t VALUES (2, 2)');
  await has(one, 'SELECT * FROM d.t WHERE id = 2');
}

const has = (server: Ring['one'], what: string) =>
  vi.waitFor(async () => expect(await server.query(what)).toHaveLength(1), patient);

/** The first server's channel leaves out the tables of `d` from now on. */
async function leaveOutTables(target: Ring['target']): Promise<void> {
  await stopReplica(target, 'both', 'one');
  await target.query(`SET GLOBAL one.replicate_wild_do_table = 'x.%'`);
  await startReplica(target, 'both', 'one');
}

/** The target is held back, and never said to be in sync with what is written then; resolves with who holds it. */
async function lagsWhileHeld(ring: Ring, watch: ReturnType<typeof watchLag>) {
  const holder = await ring.target.connect();
  await holder.query('LOCK TABLES d.t READ');
  await write(ring);
  const written = Date.now();
  await vi.waitFor(() => expect(watch.state().state).toBe('lagging'), patient);
  const inSync = provedAfter(written, watch.samples('pair')).filter(({ lagMs }) => lagMs === 0);
  expect(inSync.map(({ evidence }) => evidence)).toEqual([]);
  return holder;
}

const onItsWay = (result: TableResult | undefined, reason: RegExp) =>
  expect(result, result?.reason).toMatchObject({
    verdict: 'UNVERIFIED',
    rows: [],
    reason: expect.stringMatching(reason) as string,
  });

const byAnother = /^target has not applied 2-\d+-\d+ yet, which source got from another server/;

describe.runIf(flavours.includes('mariadb'))('on mariadb', () => {
  test('what a source got from another server is on its way by that one’s channel, and not different', async () => {
    await using stack = new AsyncDisposableStack();
    const ring = await ringAndTarget(stack, '--log-slave-updates=OFF');
    await fill(ring);
    await stopReplica(ring.target, 'sql', 'other');
    await write(ring);
    const schema = { name: 'd', source: ring.one, target: ring.target };
    onItsWay((await checkOnce(schema, { waitMs: inVainMs }))[0], byAnother);
    await startReplica(ring.target, 'sql', 'other');
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }]);
    await ring.target.query('SET sql_log_bin = 0');
    await ring.target.query('UPDATE d.t SET v = 9 WHERE id = 2');
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'DIFFERENT', rows: [{ key: { id: '2' } }] }]);
  });

  test('what another channel leaves out, and MariaDB counts as applied, is lag and on its way until it is there', async () => {
    await using stack = new AsyncDisposableStack();
    const ring = await ringAndTarget(stack);
    const { one, other, target } = ring;
    for (const [channel, domain] of [
      ['one', 2],
      ['other', 1],
    ] as const) {
      await stopReplica(target, 'both', channel);
      await target.query(`CHANGE MASTER '${channel}' TO IGNORE_DOMAIN_IDS = (${domain})`);
    }
    for (const channel of ['one', 'other']) await startReplica(target, 'both', channel);
    await fill(ring);
    await using watch = watchLag({ other, target }, [{ source: 'other' }]);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const holder = await lagsWhileHeld(ring, watch);
    expect(watch.service.route('pair')?.evidence).toMatch(
      /^binlog file and offset, because what its channel "one" leaves out .+ counts as applied$/,
    );
    const [ofOther] = await checkOnce({ name: 'd', source: other, target }, { waitMs: inVainMs });
    onItsWay(ofOther, /^target did not apply the source's position binlog/);
    const [ofOne] = await checkOnce({ name: 'd', source: one, target }, { waitMs: inVainMs });
    onItsWay(ofOne, byAnother);
    await holder.query('UNLOCK TABLES');
    await holder.end();
    for (const source of [one, other]) {
      expect(await checkOnce({ name: 'd', source, target })).toMatchObject([{ verdict: 'MATCH' }]);
    }
  });

  test('what another channel leaves out of tables, and MariaDB counts as applied, is lag until it is there', async () => {
    await using stack = new AsyncDisposableStack();
    const ring = await ringAndTarget(stack);
    const { other, target } = ring;
    await leaveOutTables(target);
    await fill(ring);
    await using watch = watchLag({ other, target }, [{ source: 'other' }]);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const holder = await lagsWhileHeld(ring, watch);
    const [result] = await checkOnce({ name: 'd', source: other, target }, { waitMs: inVainMs });
    onItsWay(result, /^target did not apply the source's position binlog/);
    await holder.query('UNLOCK TABLES');
    await holder.end();
    expect(await checkOnce({ name: 'd', source: other, target })).toMatchObject([{ verdict: 'MATCH' }]);
  });

  test('so it is where nobody may see the channels, and what is counted alone is no proof that it is there', async () => {
    await using stack = new AsyncDisposableStack();
    const ring = await ringAndTarget(stack);
    const { other, target } = ring;
    await leaveOutTables(target);
    await fill(ring);
    await target.query('SET sql_log_bin = 0');
    await target.query(`REVOKE SLAVE MONITOR ON *.* FROM '${target.monitor.user}'@'127.0.0.1'`);
    await using watch = watchLag({ other, target }, [{ source: 'other' }]);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    const holder = await target.connect();
    await holder.query('LOCK TABLES d.t READ');
    await write(ring);
    const written = Date.now();
    const counted = /it counts 2-\d+-\d+ as applied and did not log it/;
    await vi.waitFor(() => expect(watch.sample().evidence).toMatch(counted), patient);
    const inSync = provedAfter(written, watch.samples('pair')).filter(({ lagMs }) => lagMs === 0);
    expect(inSync.map(({ evidence }) => evidence)).toEqual([]);
    const schema = { name: 'd', source: other, target };
    onItsWay((await checkOnce(schema, { waitMs: inVainMs }))[0], counted);
    await holder.query('UNLOCK TABLES');
    await holder.end();
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'MATCH' }]);
    await target.query('UPDATE d.t SET v = 9 WHERE id = 2');
    expect(await checkOnce(schema)).toMatchObject([{ verdict: 'DIFFERENT', rows: [{ key: { id: '2' } }] }]);
    await vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
  });

  test('a channel that is seen not to bring what the source writes keeps nobody from its GTIDs', async () => {
    await using stack = new AsyncDisposableStack();
    const ring = await ringAndTarget(stack);
    const { one, other, target } = ring;
    await leaveOutTables(target);
    await fill(ring);
    await forgetSource(one);
    await using watch = watchLag({ other, target }, [{ source: 'other' }]);
    await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'file' }), patient);
    await other.query('UPDATE d.t SET v = 3');
    await vi.waitFor(() => expect(watch.sample()).toMatchObject({ lagMs: 0, method: 'gtid' }), patient);
  });
});
