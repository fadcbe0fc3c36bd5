import { graphql, type ResultOf } from '#lib/api/graphql.ts';

/** Made anew from both servers each time it is asked for. */
export const repairOfTable = graphql(`
  query Repair($pair: String!, $schema: String!, $table: String!, $checksum: Boolean!) {
    pair(name: $pair) {
      table(schema: $schema, name: $table) {
        checksum @include(if: $checksum) {
          repair {
            ...RepairFields
          }
        }
        consistency @skip(if: $checksum) {
          repair {
            ...RepairFields
          }
        }
      }
    }
  }

  fragment RepairFields on RepairResult {
    __typename
    ... on Repair {
      script
      statements
      notes
    }
    ... on RequestError {
      code
      message
    }
  }
`);

type RepairedTable = NonNullable<NonNullable<ResultOf<typeof repairOfTable>['pair']>['table']>;
export type RepairAnswer = NonNullable<RepairedTable['checksum']>['repair'];
