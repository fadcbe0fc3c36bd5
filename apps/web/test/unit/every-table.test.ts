import { Client, fetchExchange } from '@urql/core';
import { expect, test } from 'vitest';
import { everyTable } from '#lib/api/every-table.ts';

/** A service with so many tables, of which two are not the same, that gives as many at once as it is asked for. */
function serviceOf(total: number, failsAfter = Infinity) {
  const asked: { first: number; after?: string | null; verdicts?: string[] }[] = [];
  const wrong = new Set([7, 1_100]);
  const answer: typeof fetch = (_address, init) => {
    const { variables } = JSON.parse(init?.body as string) as { variables: (typeof asked)[number] };
    asked.push(variables);
    if (asked.length > failsAfter) return Promise.reject(new TypeError('gone'));
    const all = Array.from({ length: total }, (_, i) => i);
    const fitting = variables.verdicts?.includes('DIFFERENT') ? all.filter((i) => wrong.has(i)) : all;
    const from = Number(variables.after ?? 0);
    const to = Math.min(fitting.length, from + variables.first);
    const nodes = fitting.slice(from, to).map((i) => ({
      name: `t${i}`,
      standing: { check: 'CHECKSUM' },
      checksum: { verdict: wrong.has(i) ? 'DIFFERENT' : 'MATCH' },
    }));
    const pageInfo = { hasNextPage: to < fitting.length, endCursor: to < fitting.length ? `${to}` : null };
    const body = { data: { schedules: [], pair: { tables: { pageInfo, nodes } } } };
    return Promise.resolve(Response.json(body));
  };
  const api = new Client({
    url: 'http://localhost/graphql',
    exchanges: [fetchExchange],
    fetch: answer,
    preferGetMethod: false,
  });
  return { api, asked };
}

const never = new AbortController().signal;

test('every table of a pair is there, however many pages they come in, in order', async () => {
  const { api, asked } = serviceOf(1_201);
  const { data } = await everyTable(api, { pair: 'shop' }, never);
  const names = data?.pair?.tables.nodes.map(({ name }) => name);
  expect(names).toEqual(Array.from({ length: 1_201 }, (_, i) => `t${i}`));
  expect(asked).toHaveLength(3);
});

test('where one page fails, the answer is that failure and no list that looks whole', async () => {
  const { api } = serviceOf(1_201, 1);
  const { data, error } = await everyTable(api, { pair: 'shop' }, never);
  expect(error).toBeDefined();
  expect(data?.pair).toBeUndefined();
});

test('of a long list all that are not the same are there at the beginning, before the last page is', async () => {
  const { api, asked } = serviceOf(1_201);
  const begun: (string | undefined)[][] = [];
  const asking: number[] = [];
  await everyTable(api, { pair: 'shop' }, never, ({ data }) => {
    begun.push((data?.pair?.tables.nodes ?? []).map(({ name }) => name));
    asking.push(asked.length);
  });
  const names = Array.from({ length: 500 }, (_, i) => `t${i}`);
  // t7 is on the first page as well, and there once.
  expect(begun).toEqual([['t7', 't1100', ...names.filter((name) => name !== 't7')]]);
  expect({ asking, asked: asked.length }).toEqual({ asking: [2], asked: 4 });
});

test('of a list that is one page nothing more is asked', async () => {
  const { api, asked } = serviceOf(500);
  await everyTable(api, { pair: 'shop' }, never, () => {
    throw new Error('it began what was there already');
  });
  expect(asked).toHaveLength(1);
});
