import { gql, type OperationResult, type TypedDocumentNode } from '@urql/core';
import { flushSync } from 'svelte';
import { describe, expect, test } from 'vitest';
import { ask } from '#lib/api/ask.ts';
import { type Page, Paged } from '#lib/live/paged.svelte.ts';
import { LiveQuery } from '#lib/live/query.svelte.ts';
import { inComponent } from './support/in-component.svelte.ts';
import { Service } from './support/service.ts';

interface Item {
  id: string;
  word: string;
}

const wordsOf: TypedDocumentNode<{ words: string[] }, { of: string }> = gql`
  query WordsOf($of: String!) {
    words(of: $of)
  }
`;
const items: TypedDocumentNode<{ items: Page<Item> }, { after: string | null }> = gql`
  query Items($after: String) {
    items(after: $after)
  }
`;

describe('a query', () => {
  function open() {
    const service = new Service();
    const page = $state({ epoch: 1, of: 'a' });
    const { made, end } = inComponent(
      () => new LiveQuery(service.api, page, wordsOf, () => ({ of: page.of })),
    );
    return { service, page, query: made, end };
  }

  test('asks anew after the link came back, and does not wait for an answer that may never come', async () => {
    const { service, page, query } = open();
    const hanging = await service.next('WordsOf');
    page.epoch += 1;
    flushSync();
    (await service.next('WordsOf')).answer({ words: ['newer'] });
    await expect.poll(() => query.current?.words).toEqual(['newer']);
    expect(hanging.ended).toBe(true);
  });

  test('never shows the answer to what is not asked any more', async () => {
    const { service, page, query } = open();
    const ofA = await service.next('WordsOf');
    page.of = 'b';
    flushSync();
    ofA.answer({ words: ['of a'] });
    const ofB = await service.next('WordsOf');
    expect({ asked: ofB.variables, shown: query.current }).toEqual({ asked: { of: 'b' }, shown: undefined });
    ofB.answer({ words: ['of b'] });
    await expect.poll(() => query.current?.words).toEqual(['of b']);
  });

  test('applies news that came meanwhile on top of an answer that does not know of it', async () => {
    const { service, query } = open();
    query.patch(({ words }) => ({ words: [...words, 'news'] }));
    (await service.next('WordsOf')).answer({ words: ['before'] });
    await expect.poll(() => query.current?.words).toEqual(['before', 'news']);
  });

  test('keeps the last good answer when the next one fails, and says why', async () => {
    const { service, query } = open();
    (await service.next('WordsOf')).answer({ words: ['good'] });
    await expect.poll(() => query.current?.words).toEqual(['good']);
    void query.refresh();
    (await service.next('WordsOf')).fail('no server has time');
    await expect.poll(() => query.problem).toContain('no server has time');
    expect(query.current?.words).toEqual(['good']);
  });

  test('that is to be refreshed again and again gets its answers, and asks once more after them', async () => {
    const { service, query } = open();
    const first = await service.next('WordsOf');
    for (let reason = 0; reason < 20; reason += 1) void query.refresh();
    first.answer({ words: ['first'] });
    await expect.poll(() => query.current?.words).toEqual(['first']);
    (await service.next('WordsOf')).answer({ words: ['second'] });
    await expect.poll(() => query.current?.words).toEqual(['second']);
    expect(service.asked).toEqual([]);
  });

  test('of which the beginning came shows that, with the news since, until it is whole, and is not shortened again', async () => {
    const begun: ((words: string[]) => void)[] = [];
    const rest: ((words: string[]) => void)[] = [];
    const { made: query } = inComponent(
      () =>
        new LiveQuery<{ words: string[] }, { of: string }>(
          new Service().api,
          { epoch: 1 },
          async (_api, _variables, _wanted, begin) => {
            const answer = (words: string[]) =>
              ({ data: { words } }) as OperationResult<{ words: string[] }, { of: string }>;
            begun.push((words) => begin(answer(words)));
            return new Promise((resolve) => rest.push((words) => resolve(answer(words))));
          },
          () => ({ of: 'a' }),
        ),
    );
    query.patch(({ words }) => ({ words: [...words, 'news'] }));
    begun[0]?.(['one']);
    expect({ words: query.current?.words, whole: query.whole }).toEqual({
      words: ['one', 'news'],
      whole: false,
    });
    rest[0]?.(['one', 'two']);
    await expect.poll(() => query.current?.words).toEqual(['one', 'two', 'news']);
    void query.refresh();
    begun[1]?.(['one']);
    expect({ words: query.current?.words, whole: query.whole }).toEqual({
      words: ['one', 'two', 'news'],
      whole: true,
    });
  });

  test('ends its request with the component', async () => {
    const { service, end } = open();
    const question = await service.next('WordsOf');
    end();
    expect(question.ended).toBe(true);
  });
});

describe('a list of pages', () => {
  function open() {
    const service = new Service();
    const { made, end } = inComponent(
      () =>
        new Paged<Item>(async (after, wanted) => {
          const { data, error } = await ask(service.api, items, { after }, wanted);
          return data?.items ?? String(error);
        }),
    );
    void made.reload();
    return { service, list: made, end, words: () => made.nodes.map(({ word }) => word) };
  }

  function page(words: string[], endCursor: string | null = null) {
    const nodes = words.map((word) => ({ id: word, word }));
    return { items: { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor }, totalCount: 10 } };
  }

  test('keeps a change that came while its page was on its way', async () => {
    const { service, list, words } = open();
    list.take({ id: 'a', word: 'changed' });
    list.take({ id: 'new', word: 'new' });
    (await service.next('Items')).answer(page(['a', 'b']));
    await expect.poll(words).toEqual(['new', 'changed', 'b']);
    expect(list.totalCount).toBe(11);
  });

  test('grows by a page', async () => {
    const { service, list, words } = open();
    (await service.next('Items')).answer(page(['a'], 'after a'));
    await expect.poll(() => list.hasMore).toBe(true);
    void list.more();
    const second = await service.next('Items');
    expect(second.variables).toEqual({ after: 'after a' });
    second.answer(page(['b']));
    await expect.poll(words).toEqual(['a', 'b']);
  });

  test('that begins anew takes no further page of what it was', async () => {
    const { service, list, words } = open();
    (await service.next('Items')).answer(page(['a'], 'after a'));
    await expect.poll(() => list.hasMore).toBe(true);
    void list.more();
    const further = await service.next('Items');
    void list.reload();
    void list.more();
    const other = await service.next('Items');
    expect({ ended: further.ended, after: other.variables['after'] }).toEqual({ ended: true, after: null });
    other.answer(page(['other']));
    await expect.poll(words).toEqual(['other']);
  });

  test('ends its request with the component', async () => {
    const { service, end } = open();
    const question = await service.next('Items');
    end();
    expect(question.ended).toBe(true);
  });
});
