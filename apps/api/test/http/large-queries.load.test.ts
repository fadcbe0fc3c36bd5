import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LargeQueries } from '../../src/http/graphql/large-queries.ts';

test("one client's many dear queries keep nobody else's away, and few are at work at a time", async () => {
  const queries = new LargeQueries();
  const entered: string[] = [];
  const enter = async (client: string) => {
    const leave = await queries.enter(client);
    entered.push(client);
    return leave!;
  };
  const many = Array.from({ length: 50 }, () => enter('many'));
  const others = ['one', 'two'].map(enter);
  await setImmediate();
  expect(entered).toEqual(['many', 'one']);

  (await others[0]!)();
  await setImmediate();
  expect(entered).toEqual(['many', 'one', 'two']);
  (await others[1]!)();
  for (const query of many) (await query)();
  expect(entered).toHaveLength(52);
});

test('who has gone does not wait', async () => {
  const queries = new LargeQueries();
  const leave = await queries.enter('many');
  const gone = new AbortController();
  const left = queries.enter('many', gone.signal);
  const stays = queries.enter('many');
  gone.abort();
  expect(await left).toBeNull();
  leave!();
  expect(await stays).not.toBeNull();
  expect(await queries.enter('many', gone.signal)).toBeNull();
});

test('more than a hundred of one client do not wait', async () => {
  const queries = new LargeQueries();
  for (let i = 0; i < 101; i++) void queries.enter('many');
  expect(await queries.enter('many')).toBeNull();
  expect(await queries.enter('other')).not.toBeNull();
});
