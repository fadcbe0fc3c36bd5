import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { ApiContext } from './context.ts';

/** The one Pothos builder: every noun's file adds its types and fields to it, `schema.ts` collects them. */
export const builder = new SchemaBuilder<{
  Context: ApiContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    BigInt: { Input: number; Output: number };
    ID: { Input: string; Output: string };
  };
}>({
  plugins: [RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    pageInfoTypeOptions: { description: 'Where a page of a list begins and ends.' },
    hasNextPageFieldOptions: { description: 'More items follow.' },
    hasPreviousPageFieldOptions: { description: 'The list has items before these.' },
    startCursorFieldOptions: {
      description:
        'The cursor of the first item: give it as `before`, with `last`, to get the page before. Null for a page without items.',
    },
    endCursorFieldOptions: {
      description:
        'The cursor of the last item: give it as `after` to get the next page. Null for a page without items.',
    },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      description: 'The items of this page, each with its cursor.',
    },
    cursorFieldOptions: { description: 'Names its place in the list: for `after` and `before`.' },
    nodeFieldOptions: { description: 'The item.' },
    nodesOnConnection: { description: 'The items of this page.' },
    pageInfoFieldOptions: { description: 'Whether there is more on either side, and how to get it.' },
  },
});

export type Schema = typeof builder.$inferSchemaTypes;
/** A reference to the GraphQL object type that shows a `Shape`. */
export type ObjectOf<Shape> = PothosSchemaTypes.ObjectRef<Schema, Shape>;

builder.queryType({
  description: 'What is known now, and what was before. Everything current is answered from memory.',
});
builder.mutationType({
  description:
    'What a person may ask Lockstep to do. Nothing here changes data on a watched server. All need the operator role.',
});
builder.subscriptionType({
  description:
    'Live events. A new subscriber first gets the current values; a slow one gets the latest of each, never a backlog.',
});
