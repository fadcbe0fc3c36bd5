import type { Client, OperationResult } from '@urql/core';
import type { ResultOf } from '#lib/api/graphql.ts';
import { ask } from './ask.ts';
import { tablesOfPair } from './documents/table.ts';

type Answer = OperationResult<
  ResultOf<typeof tablesOfPair>,
  { pair: string; first: number; after?: string | null }
>;

/** Tables on a page: as many as the service gives at once. */
const first = 500;

/** Asks for all tables of a pair, page after page; answers as if it had been one. */
export async function everyTable(
  api: Client,
  { pair }: { pair: string },
  wanted: AbortSignal,
): Promise<Answer> {
  const answer = await ask(api, tablesOfPair, { pair, first }, wanted);
  const start = answer.data?.pair?.tables;
  if (!start) return answer;
  const nodes = [...start.nodes];
  let { pageInfo } = start;
  while (pageInfo.hasNextPage) {
    const more = await ask(api, tablesOfPair, { pair, first, after: pageInfo.endCursor }, wanted);
    const tables = more.data?.pair?.tables;
    if (!tables) return more;
    nodes.push(...tables.nodes);
    ({ pageInfo } = tables);
  }
  return {
    ...answer,
    data: { ...answer.data, pair: { ...answer.data?.pair, tables: { ...start, pageInfo, nodes } } },
  } as Answer;
}
