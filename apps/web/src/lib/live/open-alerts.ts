import type { Client } from '@urql/core';
import { ask } from '#lib/api/ask.ts';
import { type Alert, alertPage } from '#lib/api/documents/alert.ts';
import type { ResultOf } from '#lib/api/graphql.ts';

/** As many as the service gives at once. */
const perPage = 200;

type AlertPage = ResultOf<typeof alertPage>['alerts'];

/**
 * All that are pending or firing; undefined when they could not be read to their end. There may be many pages of them:
 * `onPart` is given what is known after each that others follow.
 */
export async function openAlerts(
  api: Client,
  wanted: AbortSignal,
  onPart: (part: readonly Alert[]) => void = () => undefined,
): Promise<Alert[] | undefined> {
  const open: Alert[] = [];
  let page: AlertPage | undefined;
  do {
    page = await readPage(api, page?.pageInfo.endCursor ?? null, wanted);
    if (!page) return undefined;
    open.push(...page.nodes);
    if (page.pageInfo.hasNextPage && !wanted.aborted) onPart(open);
  } while (page.pageInfo.hasNextPage);
  return open;
}

async function readPage(
  api: Client,
  after: string | null,
  wanted: AbortSignal,
): Promise<AlertPage | undefined> {
  const states = ['PENDING' as const, 'FIRING' as const];
  const { data } = await ask(api, alertPage, { states, first: perPage, after }, wanted);
  return data?.alerts;
}
