import { initGraphQLTada } from 'gql.tada';
import type { introspection } from '#generated/graphql-env.d.ts';

/** Makes a document whose variables and result are typed by schema.graphql. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: {
    /** ISO 8601, UTC. */
    DateTime: string;
    /** Decimal digits. */
    BigInt: string;
  };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
