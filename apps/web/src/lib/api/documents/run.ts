import { type FragmentOf, graphql, type ResultOf } from '#lib/api/graphql.ts';

export const runFields = graphql(`
  fragment RunFields on Run {
    id
    pair
    check
    state
    evidence
    heldBy
    trigger
    only
    startedAt
    finishedAt
    progress {
      tablesDone
      tablesTotal
      chunksDone
      rowsDone
      rowsEstimated
      rowsPerSecond
      remainingMs
      current
    }
    verdicts {
      verdict
      count
    }
  }
`);

export type Run = FragmentOf<typeof runFields>;
export type CheckKind = Run['check'];

export const runsChanged = graphql(
  `
    subscription Runs {
      runs {
        ...RunFields
      }
    }
  `,
  [runFields],
);

export const runsOfPair = graphql(
  `
    query RunsOfPair($pair: String!, $first: Int!, $after: String) {
      runs(pair: $pair, first: $first, after: $after) {
        nodes {
          ...RunFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [runFields],
);

export const runChanges = graphql(`
  query RunChanges($id: ID!, $since: ID!, $first: Int!, $after: String) {
    run(id: $id) {
      changes(since: $since, first: $first, after: $after) {
        nodes {
          schema
          table
          qualifiedName
          now {
            verdict
            reason
          }
          before {
            verdict
            reason
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  }
`);

export type RunChange = NonNullable<ResultOf<typeof runChanges>['run']>['changes']['nodes'][number];

const runAnswer = graphql(
  `
    fragment RunAnswer on RunResult {
      __typename
      ... on Run {
        ...RunFields
      }
      ... on RequestError {
        code
        message
      }
    }
  `,
  [runFields],
);

export const startRun = graphql(
  `
    mutation StartRun($pair: String!, $check: CheckKind!, $tables: [String!]) {
      startRun(pair: $pair, check: $check, tables: $tables) {
        ...RunAnswer
      }
    }
  `,
  [runAnswer],
);

export const cancelRun = graphql(
  `
    mutation CancelRun($id: ID!) {
      cancelRun(id: $id) {
        ...RunAnswer
      }
    }
  `,
  [runAnswer],
);

export const pauseRun = graphql(
  `
    mutation PauseRun($id: ID!) {
      pauseRun(id: $id) {
        ...RunAnswer
      }
    }
  `,
  [runAnswer],
);

export const resumeRun = graphql(
  `
    mutation ResumeRun($id: ID!) {
      resumeRun(id: $id) {
        ...RunAnswer
      }
    }
  `,
  [runAnswer],
);
