import SchemaBuilder from '@pothos/core';
import type { ApiContext } from './context.ts';

/** The one Pothos builder: every noun's file adds its types and fields to it, `schema.ts` collects them. */
export const builder = new SchemaBuilder<{
  Context: ApiContext;
  DefaultFieldNullability: false;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    BigInt: { Input: number; Output: number };
    ID: { Input: string; Output: string };
  };
}>({ defaultFieldNullability: false });

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
