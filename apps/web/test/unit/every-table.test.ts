import { Client, fetchExchange } from '@urql/core';
import { expect, test } from 'vitest';
import { everyTable } from '#lib/api/every-table.ts';

/** A service with so many tables, that gives as many at once as it is asked for. */
function serviceOf(total: number, failsAfter = Infinity) {
  const asked: { first: number; after?: string | null }[] = [];
  const answer: typeof fetch = (_address, init) => {
    const { variables } = JSON.parse(init?.body as string) as { variables: (typeof asked)[number] };
    asked.push(variables);
    if (asked.length > failsAfter) return Promise.reject(new TypeError('gone'));
    const from = Number(variables.after ?? 0);
    const to = Math.min(total, from + variables.first);
    const nodes = Array.from({ length: to - from }, (_, i) => ({ name: `t${from + i}` }));
    const pageInfo = { hasNextPage: to < total, endCursor: to < total ? `${to}` : null };
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
