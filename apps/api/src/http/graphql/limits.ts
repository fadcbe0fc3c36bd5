import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  visit,
} from 'graphql';
import type { PricedBy } from '../../graphql/price.ts';
import { measurer, usualListLength } from './query-size.ts';

/** How much one document may ask for. */
export const limits = {
  /** Words and signs of the text; the parser stops here. */
  tokens: 1_500,
  /** Fields within fields. */
  depth: 12,
  aliases: 50,
  directives: 50,
  /** The same field with an inner selection, written again and again: comparing each with each takes long. */
  repeats: 30,
  /** The same without an inner selection. */
  same: 200,
  /** Values in the answer, by the real sizes of its lists. */
  cost: 100_000,
};

/** So much of it for each pair, where that is more: all that there is now of every pair may be asked for at once. */
const costPerPair = 300;

/** As `examine`, only what there is too much of. */
export function excesses(...asked: Parameters<typeof examine>): GraphQLError[] {
  return examine(...asked).excesses;
}

/**
 * What a document has too much of, and the price of its dearest operation, fragments counted wherever they are used.
 * Asked before the document is validated, because validating is what takes long. The answer's size is reckoned from
 * what there is `now`.
 */
export function examine(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown> = {},
  now?: PricedBy,
): { excesses: GraphQLError[]; cost: number } {
  let cost = 0;
  const errors: GraphQLError[] = [];
  const check = (node: ASTNode, limit: keyof typeof limits, asked: number) => {
    const most = limit === 'cost' ? mostCost(now) : limits[limit];
    if (asked <= most) return;
    errors.push(
      new GraphQLError(`This asks for too much: ${limit} ${asked}, at most ${most}.`, {
        nodes: node,
        extensions: { code: 'TOO_MUCH', limit, asked, most, http: { status: 400 } },
      }),
    );
  };

  check(document, 'repeats', repeatsIn(document));
  check(document, 'same', sameIn(document));
  const measure = measurer(schema, document, variables, now);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const root = schema.getRootType(operation.operation);
    if (!root) continue;
    const size = measure(operation.selectionSet, root);
    // It is answered again with every event.
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) size.cost *= usualListLength;
    cost = Math.max(cost, size.cost);
    for (const limit of ['depth', 'aliases', 'directives', 'cost'] as const) {
      check(operation, limit, size[limit]);
    }
  }
  return { excesses: errors, cost };
}

function mostCost(now: PricedBy | undefined): number {
  try {
    return Math.max(limits.cost, costPerPair * (now?.engine.pairs().length ?? 0));
  } catch {
    // It is asked again when the query is answered, and then says why.
    return limits.cost;
  }
}

/** How often the leaf that is written most often is written. */
function sameIn(document: DocumentNode): number {
  const counts = new Map<string, number>();
  visit(document, {
    Field({ alias, name, selectionSet }) {
      if (selectionSet) return;
      const key = (alias ?? name).value;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  });
  return Math.max(0, ...counts.values());
}

/** How often the field that is written most often, with an inner selection, is written. */
function repeatsIn(document: DocumentNode): number {
  const counts = new Map<string, number>();
  visit(document, {
    Field({ alias, name, selectionSet }) {
      if (!selectionSet) return;
      const key = (alias ?? name).value;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
  });
  return Math.max(0, ...counts.values());
}
