import { type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { outcomeOf } from '../audit.ts';
import type { ApiContext } from './context.ts';
import { RequestError } from './request-error.ts';

type Resolver = GraphQLFieldResolver<unknown, ApiContext, Record<string, unknown>, unknown>;
type Words = (args: object, result: object | null) => string;

/**
 * For a mutation's `extensions`: what it does something to, in words. `result` is what it gave back; null where it was
 * not done.
 */
export function about<Args extends object, Result extends object = object>(
  words: (args: Args, result: Result | null) => string,
): { about: Words } {
  return { about: (args, result) => words(args as Args, result as Result | null) };
}

/** Has every mutation of the schema recorded with its outcome. One that does not say what it is about cannot be. */
export function audited(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const words = field.extensions['about'] as Words | undefined;
    if (!words || !field.resolve) throw new Error(`the mutation ${field.name} does not say what it is about`);
    field.resolve = recorded(field.name, words, field.resolve as Resolver);
  }
  return schema;
}

function recorded(action: string, words: Words, resolve: Resolver): Resolver {
  return async (root, args, context, info) => {
    const { audit, viewer, from } = context;
    const deed = { who: viewer.name, role: viewer.role, ...from, action };
    try {
      const result = (await resolve(root, args, context, info)) as object;
      if (result instanceof RequestError) {
        audit.record({ ...deed, subject: words(args, null), outcome: 'refused', message: result.message });
      } else {
        audit.record({ ...deed, subject: words(args, result), outcome: 'done', message: null });
      }
      return result;
    } catch (error) {
      audit.record({ ...deed, subject: words(args, null), ...outcomeOf(error) });
      throw error;
    }
  };
}
