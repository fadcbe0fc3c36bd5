import { graphql, type ResultOf } from '#lib/api/graphql.ts';

export const auditPage = graphql(`
  query Audit($who: String, $action: String, $from: DateTime, $first: Int!, $after: String) {
    audit {
      __typename
      ... on Audit {
        people
        entries(who: $who, action: $action, from: $from, first: $first, after: $after) {
          nodes {
            id
            at
            who
            role
            way
            address
            action
            subject
            outcome
            message
            times
          }
          pageInfo {
            hasNextPage
            endCursor
          }
          totalCount
        }
      }
      ... on RequestError {
        message
      }
    }
  }
`);

type Answer = ResultOf<typeof auditPage>['audit'];
export type AuditEntry = Extract<Answer, { __typename: 'Audit' }>['entries']['nodes'][number];
