import { replicate, startServer, type TestServer } from '@lockstep/servers';
import { inVainMs, patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { checkOnce } from '../support/check-once.ts';
import { type LagWatch, provedAfter, watchLag } from '../support/lag-watch.ts';

/** A target that gets `a.t` from one source, and something else from another. */
async function severalChannels(stack: AsyncDisposableStack, flavour: 'mysql' | 'mariadb', gtid = true) {
  const options = [[], flavour === 'mariadb' ? ['--gtid-domain-id=2'] : [], []];
  const started = await Promise.all(options.map((own) => startServer({ flavour, options: own })));
  const [source, other, target] = started.map((server) => stack.use(server)) as [
    TestServer,
    TestServer,
    TestServer,
  ];
  await replicate(target, other, { channel: 'other', gtid });
  await replicate(target, source, { channel: 'own', gtid });
  await other.query('CREATE DATABASE b');
  await source.query('CREATE DATABASE a');
  await source.query('CREATE TABLE a.t (id INT PRIMARY KEY, v INT)');
  await source.query('INSERT INTO a.t VALUES (1, 1), (2, 1)');
  for (const server of [source, target]) {
    await server.query('SET sql_log_bin = 0');
    await server.query(`GRANT SELECT ON a.* TO '${server.monitor.user}'@'127.0.0.1'`);
    await server.query('SET sql_log_bin = 1');
  }
  const setTo = (v: number) => source.query(`UPDATE a.t SET v = ${v} WHERE id = 1`);
  const arrived = (v: number) =>
    vi.waitFor(async () => {
      expect(await target.query('SELECT v FROM a.t WHERE id = 1')).toEqual([{ v }]);
    }, patient);
  const watch = () => watchLag({ source, other, target }, [{}, { name: 'beside', source: 'other' }]);
  const check = (waitMs?: number) => checkOnce({ name: 'a', source, target }, waitMs ? { waitMs } : {});
  return { source, target, setTo, arrived, watch, check };
}

const inSync = (watch: LagWatch, pair = 'pair') =>
  vi.waitFor(() => expect(watch.state(pair).state, watch.state(pair).evidence).toBe('in-sync'), patient);

/** What was said to be there of all that was written up to a moment. */
const saidInSync = (watch: LagWatch, written: number) =>
  provedAfter(written, watch.samples('pair')).flatMap(({ lagMs, evidence }) => (lagMs === 0 ? evidence : []));

async function held(target: TestServer) {
  const connection = await target.connect();
  await connection.query('LOCK TABLES a.t READ');
  return { [Symbol.asyncDispose]: () => connection.end() };
}

describe.runIf(flavours.includes('mariadb'))('on mariadb', () => {
  test('with several channels too, a binlog that is read in again is lag until it is there, and no difference', async () => {
    await using stack = new AsyncDisposableStack();
    const { source, target, setTo, arrived, watch, check } = await severalChannels(stack, 'mariadb');
    // As mysqlbinlog writes it: with the writer and the number of then.
    const readIn = async (number: number, v: number) => {
      await source.query(`SET server_id = 4711, gtid_seq_no = ${number}`);
      await setTo(v);
      await source.query('SET server_id = @@global.server_id');
    };
    const stuck = async (number: number, v: number) => {
      await using early = watch();
      await inSync(early);
      {
        await using lock = await held(target);
        await readIn(number, v);
        const written = Date.now();
        await using late = watch();
        await early.samplesMore(10);
        await late.samplesMore(10);
        for (const seen of [early, late]) expect(saidInSync(seen, written)).toEqual([]);
        for (const seen of [early, late]) expect(seen.status().errant ?? '').toBe('');
        expect(await check(inVainMs)).toMatchObject([{ verdict: 'UNVERIFIED', rows: [] }]);
        void lock;
      }
      await arrived(v);
      await inSync(early);
      expect(await check()).toMatchObject([{ verdict: 'MATCH' }]);
    };
    for (const v of [2, 3, 4, 5]) await setTo(v);
    await arrived(5);
    // Numbers below those that the source has given out itself.
    await stuck(4, 6);
    await readIn(900, 7);
    await arrived(7);
    // And below those that the same writer had.
    await stuck(700, 8);
  });
});

test.each(
  flavours.flatMap((flavour) => [
    { flavour, gtid: true },
    { flavour, gtid: false },
  ]),
)(
  'with several channels too, what is read in after a reset is not taken for what the target has ($flavour, by GTID: $gtid)',
  async ({ flavour, gtid }) => {
    await using stack = new AsyncDisposableStack();
    const { source, target, setTo, arrived, watch, check } = await severalChannels(stack, flavour, gtid);
    for (const v of [2, 3, 4]) await setTo(v);
    await arrived(4);
    await using early = watch();
    await inSync(early);
    await using lock = await held(target);
    await setTo(5);
    const [self] = flavour === 'mysql' ? await source.query('SELECT @@server_uuid AS uuid') : [];
    await source.query(flavour === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    const numbered = await source.connect();
    for (let number = 1; number <= 9; number++) {
      const gtidOfThen = `SET gtid_next = '${String(self?.['uuid'])}:${number}'`;
      if (gtid && flavour === 'mysql') await numbered.query(gtidOfThen);
      if (gtid && flavour === 'mariadb') await numbered.query(`SET gtid_seq_no = ${number}`);
      await numbered.query('BEGIN');
      await numbered.query('UPDATE a.t SET v = v + 1 WHERE id = 2');
      await numbered.query('COMMIT');
    }
    await numbered.end();
    const written = Date.now();
    await using late = watch();
    await early.samplesMore(10);
    await late.samplesMore(10);
    for (const seen of [early, late]) {
      expect(saidInSync(seen, written)).toEqual([]);
      await vi.waitFor(() => expect(seen.status().errant).toBe(''), patient);
      await inSync(seen, 'beside');
    }
    expect(await check(inVainMs)).toMatchObject([{ verdict: 'UNVERIFIED', rows: [] }]);
    void lock;
  },
);
