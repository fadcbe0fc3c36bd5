import { initGraphQLTada } from 'gql.tada';
import type { introspection } from '#generated/graphql-env.d.ts';

const parsed = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: {
    /** ISO 8601, UTC. */
    DateTime: string;
    /** Decimal digits. */
    BigInt: string;
  };
}>();

/**
 * Makes a document whose variables and result are typed by schema.graphql. It is parsed when it is first asked with: a
 * phone need not read every question of the page before it asks the first.
 */
export const graphql = ((input: string, fragments?: readonly never[]) => {
  let document: { definitions: unknown } | undefined;
  return {
    kind: 'Document',
    get definitions() {
      return (document ??= parsed(input, fragments) as { definitions: unknown }).definitions;
    },
  };
}) as unknown as typeof parsed;

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
