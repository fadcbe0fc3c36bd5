import { setImmediate } from 'node:timers/promises';
import { GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { createYoga, useExecutionCancellation } from 'graphql-yoga';
import { expect, onTestFinished, test } from 'vitest';
import { giveWay } from '../../src/http/graphql/in-slices.ts';
import { turns } from '../../src/turns.ts';

const number = new GraphQLNonNull(GraphQLInt);

/**
 * Asks for a list whose first half takes all of a turn, so that the rest waits for the next one. `half`: called as the
 * first half is over; `later`: of each item, besides its number.
 */
async function ask(half: (leaving: AbortController) => void, later: (n: number) => unknown) {
  const leaving = new AbortController();
  const item = new GraphQLObjectType<number>({
    name: 'Item',
    fields: {
      n: {
        type: number,
        resolve: (n) => {
          if (n !== 10) return n;
          while (!turns.exhausted());
          half(leaving);
          return n;
        },
      },
      later: { type: number, resolve: (n) => later(n) },
    },
  });
  const items = Array.from({ length: 20 }, (_, n) => n);
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        items: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(item))), resolve: () => items },
      },
    }),
  });
  giveWay(schema);
  const yoga = createYoga({ schema, logging: false, plugins: [useExecutionCancellation()] });
  const request = new Request('http://localhost/graphql?query={items{n,later}}', { signal: leaving.signal });
  const unhandled: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => unhandled.push(error));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  });
  const [answer] = await Promise.allSettled([yoga.fetch(request)]);
  const body: unknown = answer.status === 'fulfilled' ? await answer.value.json() : null;
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  return { answer, body, unhandled };
}

test('a long list comes whole and in order, though it takes more than one turn', async () => {
  const { body, unhandled } = await ask(
    () => undefined,
    (n) => (n % 2 === 0 ? n : setImmediate(n)),
  );
  const items = Array.from({ length: 20 }, (_, n) => ({ n, later: n }));
  expect(body).toEqual({ data: { items } });
  expect(unhandled).toEqual([]);
});

test('who leaves while a long list waits for its next turn leaves nothing that fails behind', async () => {
  const { answer, unhandled } = await ask(
    (leaving) => leaving.abort('gone'),
    () => new Promise(() => undefined),
  );
  expect(answer).toEqual({ status: 'rejected', reason: 'gone' });
  expect(unhandled).toEqual([]);
});

test('what fails in a long list that waits for its next turn is the answer, and nothing besides', async () => {
  const { body, unhandled } = await ask(
    () => undefined,
    (n) => (n === 1 ? Promise.reject(new Error('unreadable')) : n),
  );
  expect(body).toMatchObject({ data: null, errors: [{ path: ['items', 1, 'later'] }] });
  expect(unhandled).toEqual([]);
});

test('of many mutations in one request each may have another turn, in their order', async () => {
  const done: string[] = [];
  let over = false;
  const mutation = {
    type: number,
    args: { n: { type: number } },
    resolve: (_: unknown, { n }: { n: number }) => {
      while (!turns.exhausted());
      done.push(`did ${n}`);
      return n;
    },
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { n: { type: number } } }),
    mutation: new GraphQLObjectType<unknown, object>({ name: 'Mutation', fields: { act: mutation } }),
  });
  giveWay(schema);
  const yoga = createYoga({ schema, logging: false });
  const others = (async () => {
    for (let turn = 0; !over; turn++) {
      await setImmediate();
      if (done.length > 0) done.push('others');
    }
  })();
  const query = `mutation { ${[1, 2, 3].map((n) => `m${n}: act(n: ${n})`).join(' ')} }`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query });
  const answer = await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body });
  over = true;
  await others;
  expect(await answer.json()).toEqual({ data: { m1: 1, m2: 2, m3: 3 } });
  expect(done.filter((each, i) => each !== done[i - 1]).slice(0, 5)).toEqual([
    'did 1',
    'others',
    'did 2',
    'others',
    'did 3',
  ]);
});
