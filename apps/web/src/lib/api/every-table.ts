import type { Client, OperationResult } from '@urql/core';
import type { ResultOf, VariablesOf } from '#lib/api/graphql.ts';
import { ask } from './ask.ts';
import { type Table, tablesOfPair, type Verdict } from './documents/table.ts';

type Answer = OperationResult<ResultOf<typeof tablesOfPair>, VariablesOf<typeof tablesOfPair>>;

type Asked = Omit<VariablesOf<typeof tablesOfPair>, 'pair' | 'first'>;
type AskPage = (asked: Asked) => Promise<Answer>;

/** Tables on a page: as many as the service gives at once. */
const first = 500;
/** What stands for a table of which it is not proved to be the same, though it was looked at. */
const notTheSame: Verdict[] = ['DIFFERENT', 'SCHEMA_DIFFERS', 'MISSING', 'ERROR', 'UNVERIFIED'];

/**
 * Asks for all tables of a pair, page after page; answers as if it had been one. Where one page does not hold them,
 * `begin` is given its tables and all that are not proved the same: the beginning of a list that has the worst first.
 */
export async function everyTable(
  api: Client,
  { pair }: { pair: string },
  wanted: AbortSignal,
  begin?: (answer: Answer) => void,
): Promise<Answer> {
  const page: AskPage = (variables) => ask(api, tablesOfPair, { pair, first, ...variables }, wanted);
  const some = await page({});
  if (begin && some.data?.pair?.tables.pageInfo.hasNextPage) {
    const worst = await withRest(await page({ verdicts: notTheSame }), page, { verdicts: notTheSame });
    if (worst.data?.pair) begin(withTables(some, [...nodesOf(worst), ...nodesOf(some).filter(isTheSame)]));
  }
  return withRest(some, page);
}

/** The answer with the tables of all pages after it; of these the first that fails instead. */
async function withRest(start: Answer, page: AskPage, filter: Asked = {}): Promise<Answer> {
  const nodes = [...nodesOf(start)];
  let last = start;
  while (last.data?.pair?.tables.pageInfo.hasNextPage) {
    last = await page({ ...filter, after: last.data.pair.tables.pageInfo.endCursor });
    if (!last.data?.pair) return last;
    nodes.push(...nodesOf(last));
  }
  return withTables(start, nodes);
}

function nodesOf({ data }: Answer): readonly Table[] {
  return data?.pair?.tables.nodes ?? [];
}

function withTables(answer: Answer, nodes: readonly Table[]): Answer {
  if (!answer.data?.pair) return answer;
  const { pair } = answer.data;
  return {
    ...answer,
    data: { ...answer.data, pair: { ...pair, tables: { ...pair.tables, nodes: [...nodes] } } },
  };
}

function isTheSame({ standing, checksum, consistency }: Table): boolean {
  const result = standing?.check === 'CHECKSUM' ? checksum : consistency;
  return !standing || result?.verdict === 'MATCH';
}
