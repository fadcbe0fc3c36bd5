import { inVainMs } from '@lockstep/servers/patience';
import { expect, test } from 'vitest';
import type { TableBarrier } from '../../../src/verify/settle/barrier.ts';
import { untilLetGo } from '../../../src/verify/settle/until-let-go.ts';
import { facts } from '../../support/replication.ts';
import { answering } from '../../support/servers-that-answer.ts';

// What servers do is shown by real ones, in shown-after-sent; those that tests run on come without ARCHIVE.

const name = { schema: 's', table: "t'" };
const { signal } = new AbortController();
const inner = { untilSourceHas: () => Promise.resolve(7) } as unknown as TableBarrier;

/** The table is in use at so many looks, while so many commits wait for another replica. */
function held(engine: string | null, looks: number, waiting: number) {
  const { asked, server } = answering('db1', facts('mariadb'), {
    wait: [{ Value: String(waiting) }],
    'OPEN TABLES': (count) => (count < looks ? [{ In_use: 1 }] : []),
  });
  const barrier = untilLetGo(inner, { source: server, name, engine, waitMs: inVainMs });
  return { asked, until: () => barrier.untilSourceHas(null, signal) };
}

test.each([null, 'InnoDB', 'ROCKSDB'])('of %s positions tell, and nothing else is asked', async (engine) => {
  const { asked, until } = held(engine, Infinity, 1);
  expect([await until(), asked]).toEqual([7, []]);
});

test.each(['MyISAM', 'Aria', 'MEMORY'])(
  'a table of %s is waited for as long as commits wait and it is in use',
  async (engine) => {
    expect(await held(engine, Infinity, 0).until()).toBe(7);
    expect(await held(engine, 0, 1).until()).toBe(7);
    expect(await held(engine, 2, 1).until()).toBeGreaterThan(7);
    const { until } = held(engine, Infinity, 1);
    const said = `in a table of ${engine}, db1 shows what it has sent only after its commit, and commits wait for another replica`;
    await expect(until()).rejects.toThrow(said);
  },
);

test.each(['ARCHIVE', 'CONNECT'])('one of %s whenever it is in use', async (engine) => {
  const { asked, until } = held(engine, 2, 0);
  expect(await until()).toBeGreaterThan(7);
  expect(asked[0]).toBe("SHOW OPEN TABLES FROM `s` WHERE `Table` = 't\\'' AND In_use > 0");
  const said = `on db1 the table is in use, and ${engine} shows what a statement writes before it is over and sent`;
  await expect(held(engine, Infinity, 0).until()).rejects.toThrow(said);
});
