import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import type { ApiContext } from '../../graphql/context.ts';
import type { Price } from '../../graphql/price.ts';
import { turns } from '../../turns.ts';

type Resolver = GraphQLFieldResolver<unknown, ApiContext>;

/** Lists shorter than this are answered in one go: what they hold looks at the time by itself. */
const few = 8;

/**
 * Makes the schema's resolvers give way: before a list, before what is not read from memory and before a mutation, and
 * between the items of a list, the rest waits for another turn of the event loop when this one's slice is used up. No
 * query, whatever it asks for, keeps anything else waiting for longer than that.
 */
export function giveWay(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__') || type === schema.getSubscriptionType()) continue;
    for (const field of Object.values(type.getFields())) {
      if (
        type === schema.getMutationType() ||
        isListOfObjects(field as GraphQLField<unknown, ApiContext>) ||
        (field.extensions as Price).cost !== undefined
      ) {
        field.resolve = givingWay((field.resolve as Resolver | undefined) ?? defaultFieldResolver);
      }
    }
  }
}

function isListOfObjects({ type }: GraphQLField<unknown, ApiContext>): boolean {
  return isListType(getNullableType(type)) && isCompositeType(getNamedType(type));
}

function givingWay(resolve: Resolver): Resolver {
  return (parent, args, context, info) => {
    const resolved = (): unknown => {
      const value: unknown = resolve(parent, args, context, info);
      if (!(value instanceof Promise)) return inTurns(value, context);
      const waited = context.work?.aside(value) ?? value;
      return waited.then((items) => inTurns(items, context));
    };
    return turns.exhausted() ? rest(context).then(resolved) : resolved();
  };
}

function inTurns(value: unknown, context: ApiContext): unknown {
  return Array.isArray(value) && value.length >= few ? oneByOne(value, context) : value;
}

/**
 * Each item comes when it is its turn. All are promised at once: an item that fails while others wait for their turn,
 * and all that are under way do when a client leaves, has somebody who waits for it. Of an async iterable's it would be
 * a rejection that nobody handles.
 */
function oneByOne(items: readonly unknown[], context: ApiContext): Promise<unknown>[] {
  const promised = items.map(() => Promise.withResolvers<unknown>());
  void hand(items, promised, context);
  return promised.map(({ promise }) => promise);
}

async function hand(
  items: readonly unknown[],
  promised: readonly PromiseWithResolvers<unknown>[],
  context: ApiContext,
): Promise<void> {
  for (const [index, { resolve }] of promised.entries()) {
    try {
      // What is asked of the one before is worked on first.
      await (turns.exhausted() ? rest(context) : undefined);
      resolve(items[index]);
    } catch (error) {
      for (const left of promised.slice(index)) left.reject(error);
      return;
    }
  }
}

function rest({ work }: ApiContext): Promise<void> {
  return work ? work.rest() : turns.next();
}
