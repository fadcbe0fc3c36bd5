import {
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLSchema,
  visit,
} from 'graphql';

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
  /** Values in the answer, estimated. */
  cost: 100_000,
};

/** What a list holds, where the document does not say. */
const usualListLength = 10;
/** Arguments that say how long a list will be, and what they are at most: for a variable that is assumed. */
const lengthArguments: Record<string, number> = { first: 200, maxPoints: 5_000 };

interface Size {
  depth: number;
  cost: number;
  aliases: number;
  directives: number;
}

/**
 * What a document has too much of, fragments counted wherever they are used. Asked before the document is validated,
 * because validating is what takes long. Introspection is free: graphql limits its depth itself, and its answer does
 * not grow.
 */
export function excesses(schema: GraphQLSchema, document: DocumentNode): GraphQLError[] {
  const errors: GraphQLError[] = [];
  const check = (node: ASTNode, limit: keyof typeof limits, asked: number) => {
    const most = limits[limit];
    if (asked <= most) return;
    errors.push(
      new GraphQLError(`This asks for too much: ${limit} ${asked}, at most ${most}.`, {
        nodes: node,
        extensions: { code: 'TOO_MUCH', limit, asked, most, http: { status: 400 } },
      }),
    );
  };

  check(document, 'repeats', repeatsIn(document));
  const measure = measurer(schema, document);
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    const root = schema.getRootType(operation.operation);
    if (!root) continue;
    const size = measure(operation.selectionSet, root);
    for (const limit of ['depth', 'aliases', 'directives', 'cost'] as const)
      check(operation, limit, size[limit]);
  }
  return errors;
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

function measurer(schema: GraphQLSchema, document: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  // Each fragment is measured once, however often it is used; `null` marks one that is being measured, so that a
  // fragment within itself (which another rule refuses) ends here.
  const measured = new Map<string, Size | null>();

  function ofFragment(name: string): Size {
    const known = measured.get(name);
    if (known !== undefined) return known ?? nothing();
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    if (!fragment || !isCompositeType(type)) return nothing();
    measured.set(name, null);
    const size = ofSelection(fragment.selectionSet, type);
    measured.set(name, size);
    return size;
  }

  function ofField(node: FieldNode, parent: GraphQLCompositeType): Size {
    const own = { ...nothing(), aliases: node.alias ? 1 : 0, depth: 1, cost: 1 };
    const field = fieldOf(parent, node.name.value);
    if (!field || !node.selectionSet) return own;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return own;
    const inner = ofSelection(node.selectionSet, type);
    own.depth += inner.depth;
    own.aliases += inner.aliases;
    own.directives += inner.directives;
    own.cost += inner.cost * lengthOf(node, field, parent);
    return own;
  }

  function ofSelection(selectionSet: SelectionSetNode, parent: GraphQLCompositeType): Size {
    const sum = nothing();
    for (const selection of selectionSet.selections) {
      const size =
        selection.kind === Kind.FIELD
          ? ofField(selection, parent)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : ofSelection(selection.selectionSet, conditionOf(selection.typeCondition?.name.value) ?? parent);
      sum.depth = Math.max(sum.depth, size.depth);
      sum.cost += size.cost;
      sum.aliases += size.aliases;
      sum.directives += size.directives + (selection.directives?.length ?? 0);
    }
    return sum;
  }

  function conditionOf(name: string | undefined): GraphQLCompositeType | null {
    const type = name === undefined ? null : schema.getType(name);
    return isCompositeType(type) ? type : null;
  }

  return ofSelection;
}

/** How many times a field's inner selection is answered. A connection's own argument counts for its `nodes`. */
function lengthOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
): number {
  for (const [name, most] of Object.entries(lengthArguments)) {
    const argument = field.args.find((each) => each.name === name);
    if (!argument) continue;
    const given = node.arguments?.find((each) => each.name.value === name)?.value;
    if (given?.kind === Kind.INT) return Math.min(Math.max(Number(given.value), 1), most);
    return given || typeof argument.default?.value !== 'number' ? most : argument.default.value;
  }
  if (!isListType(getNullableType(field.type))) return 1;
  return parent.name.endsWith('Connection') ? 1 : usualListLength;
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

function nothing(): Size {
  return { depth: 0, cost: 0, aliases: 0, directives: 0 };
}
