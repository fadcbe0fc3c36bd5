import { builder } from './builder.ts';
import type { ApiContext } from './context.ts';
import { storedCost } from './price.ts';

/** Finds what an id names, with the name of its type; null where it names nothing of that type. */
type Find = (id: string, context: ApiContext) => object | null;

/** Ids that were given out before there were others: of these it is tried which it is, the cheap ones first. */
const bare: { type: string; find: Find }[] = [];
const prefixed = new Map<string, Find>();
/** What was found, by what it was found as: nothing is written into what belongs to the engine. */
const types = new WeakMap<object, string>();

export const Node = builder.interfaceRef<object>('Node').implement({
  description: 'What has an id of its own, by which `Query.node` finds it again.',
  fields: (t) => ({
    id: t.id({
      description: 'Names it among everything that there is; the same over restarts.',
      resolve: () => {
        throw new Error('a type with an id does not say what that is');
      },
    }),
  }),
  resolveType: (found) => types.get(found),
});

/** Has `Query.node` find what has ids of its own making, which say nothing of its type. */
export function findable(type: string, find: Find): void {
  bare.push({ type, find });
}

/** As `findable`, for what is known by names: answers what makes an id of them. */
export function namedNode(
  type: string,
  find: (names: string[], context: ApiContext) => object | null,
): (...names: string[]) => string {
  prefixed.set(type, (text, context) => {
    const names = namesIn(text);
    return names && find(names, context);
  });
  return (...names) => `${type}:${JSON.stringify(names)}`;
}

function namesIn(text: string): string[] | null {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}

function findNode(id: string, context: ApiContext): object | null {
  const [, type = '', rest = ''] = /^(\w+):(.*)$/s.exec(id) ?? [];
  const find = prefixed.get(type);
  if (find) return foundAs(type, find(rest, context));
  for (const each of bare) {
    const found = foundAs(each.type, each.find(id, context));
    if (found) return found;
  }
  return null;
}

function foundAs(type: string, found: object | null): object | null {
  if (found) types.set(found, type);
  return found;
}

builder.queryField('node', (t) =>
  t.field({
    type: Node,
    nullable: true,
    description: 'Whatever has this id; null when there is nothing of that id (any more).',
    args: { id: t.arg.id({ required: true, description: 'The `id` of anything that is a `Node`.' }) },
    extensions: { cost: 2 * storedCost },
    resolve: (_root, { id }, context) => findNode(id, context),
  }),
);
