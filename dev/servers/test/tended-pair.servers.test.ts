import { describe, expect, test } from 'vitest';
import { stopReplica } from '../src/index.ts';
import { flavours, type TendedPair, tendedPair } from '../src/vitest/index.ts';

/** What a test may leave behind that broke off in the middle. */
const left: [string, (pair: TendedPair) => Promise<unknown>][] = [
  ['a lock', async ({ target }) => (await target.connect()).query('LOCK TABLES d.t READ')],
  ['a session without binary log', ({ target }) => target.query('SET sql_log_bin = 0')],
  ['a global variable', ({ source }) => source.query('SET GLOBAL max_connections = 5')],
  ['a closed link', ({ proxy }) => proxy.refuse()],
  ['a link that hangs', ({ proxy }) => Promise.resolve(proxy.pause())],
  ['a stopped thread', ({ target }) => stopReplica(target, 'sql')],
  ['a frozen server', ({ target }) => target.freeze()],
  ['a killed server', ({ source }) => source.kill9()],
  ['a lost privilege', ({ target }) => target.query(`DROP USER 'lockstep'@'127.0.0.1'`)],
  [
    'a row of its own',
    async ({ target }) => {
      await target.query('SET sql_log_bin = 0');
      await target.query('INSERT INTO d.t VALUES (1)');
    },
  ],
];

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({
    flavour,
    seed: ({ source }) => source.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)'),
  });

  describe.each(left)('after a test that left %s', (_, leave) => {
    test('which it does', () => leave(pair).then(() => undefined));

    test('the next finds the pair as it was', async () => {
      await pair.source.query('INSERT INTO d.t VALUES (1)');
      await expect
        .poll(() => pair.target.query('SELECT id FROM d.t'))
        .toEqual(expect.arrayContaining([{ id: 1 }]));
      await pair.source.query('DELETE FROM d.t');
      const [row] = await pair.source.query('SELECT @@max_connections AS n');
      expect(row).toEqual({ n: 200 });
    });
  });
});
