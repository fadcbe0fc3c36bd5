import { Client, type Exchange, makeResult } from '@urql/core';
import { expect, test } from 'vitest';
import { filter, map, pipe, tap } from 'wonka';
import { openAlerts } from '#lib/live/open-alerts.ts';

test('of many pages of alerts, none is asked for that is not wanted any more', async () => {
  const wanted = new AbortController();
  let asked = 0;
  /** Every page has one more after it; while the first is on its way, a newer question takes the place of this one. */
  const endless: Exchange = () => (operations) =>
    pipe(
      operations,
      filter(({ kind }) => kind === 'query'),
      tap(() => asked++),
      map((operation) => {
        queueMicrotask(() => wanted.abort(new Error('not wanted')));
        const pageInfo = { endCursor: `after ${asked}`, hasNextPage: asked < 5 };
        return makeResult(operation, { data: { alerts: { nodes: [], pageInfo } } });
      }),
    );
  const api = new Client({ url: 'http://localhost/graphql', exchanges: [endless], preferGetMethod: false });
  await expect(openAlerts(api, wanted.signal)).rejects.toThrow('not wanted');
  expect(asked).toBe(1);
});
