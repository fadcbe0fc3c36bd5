import { type FragmentOf, graphql, type ResultOf } from '#lib/api/graphql.ts';

export const resultFields = graphql(`
  fragment ResultFields on TableResult {
    pair
    schema
    table
    check
    verdict
    reason
    method
    runId
    startedAt
    finishedAt
    rowsCompared
    sourceRows
    targetRows
    chunks
    position
    differences {
      missing
      surplus
      changed
    }
    schemaDifferences {
      object
      source
      target
      message
    }
  }
`);

export type TableResult = FragmentOf<typeof resultFields>;
export type Verdict = TableResult['verdict'];

export const tablesOfPair = graphql(
  `
    query TablesOfPair($pair: String!, $first: Int!, $after: String, $verdicts: [Verdict!]) {
      schedules {
        pair
        check
        nextRun
        window {
          hours
          open
        }
      }
      pair(name: $pair) {
        tables(first: $first, after: $after, verdicts: $verdicts) {
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            pair
            schema
            name
            qualifiedName
            rowsEstimated
            checking
            checksum {
              ...ResultFields
            }
            consistency {
              ...ResultFields
            }
            standing {
              check
            }
          }
        }
      }
    }
  `,
  [resultFields],
);

export type Table = NonNullable<ResultOf<typeof tablesOfPair>['pair']>['tables']['nodes'][number];

/** New results only: those there are come with the list. */
export const tableChanged = graphql(
  `
    subscription Tables($pair: String!) {
      tables(pair: $pair, current: false) {
        ...ResultFields
        stands
      }
    }
  `,
  [resultFields],
);

export type NewResult = ResultOf<typeof tableChanged>['tables'];

export const differencesOfTable = graphql(
  `
    query Differences($pair: String!, $schema: String!, $table: String!, $first: Int!, $after: String) {
      pair(name: $pair) {
        table(schema: $schema, name: $table) {
          pair
          schema
          name
          qualifiedName
          rowsEstimated
          checking
          checksum {
            ...ResultFields
            since {
              ...SinceFields
            }
            rows(first: $first, after: $after) {
              ...RowFields
            }
          }
          consistency {
            ...ResultFields
            since {
              ...SinceFields
            }
            rows(first: $first, after: $after) {
              ...RowFields
            }
          }
          standing {
            check
          }
        }
      }
    }

    fragment SinceFields on VerdictSince {
      at
      before {
        verdict
        at
      }
    }

    fragment RowFields on RowDifferenceConnection {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        kind
        count
        columns
        key {
          column
          value
        }
        cells {
          column
          source {
            text
            encoding
            bytes
            truncated
          }
          target {
            text
            encoding
            bytes
            truncated
          }
        }
        rounds {
          at
          position
          sourceBefore
          target
          sourceAfter
        }
      }
    }
  `,
  [resultFields],
);

export type ComparedTable = NonNullable<NonNullable<ResultOf<typeof differencesOfTable>['pair']>['table']>;
export type RowDifference = NonNullable<ComparedTable['checksum']>['rows']['nodes'][number];
export type CellValue = RowDifference['cells'][number]['source'];

export type VerdictSince = NonNullable<NonNullable<ComparedTable['checksum']>['since']>;

export const historyOfTable = graphql(`
  query HistoryOfTable(
    $pair: String!
    $schema: String!
    $table: String!
    $check: CheckKind!
    $first: Int!
    $after: String
  ) {
    pair(name: $pair) {
      table(schema: $schema, name: $table) {
        history(check: $check, first: $first, after: $after) {
          totalCount
          pageInfo {
            hasNextPage
            endCursor
          }
          nodes {
            runId
            at
            verdict
            reason
          }
        }
      }
    }
  }
`);

type History = NonNullable<NonNullable<ResultOf<typeof historyOfTable>['pair']>['table']>['history'];
export type TableVerdict = History['nodes'][number];
