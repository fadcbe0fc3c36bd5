import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** What a list holds, where the document does not say. */
export const usualListLength = 10;
/** Arguments that say how long a list will be, and what they are at most, whatever is given. */
const lengthArguments: Record<string, number> = { first: 200, maxPoints: 5_000 };

/** How large a selection is, what its fragments hold included. `cost` estimates the values in the answer. */
interface Size {
  depth: number;
  cost: number;
  aliases: number;
  directives: number;
}

/** Measures selections of a document; `variables` as they were given, before any of them is checked. */
export function measurer(schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const valueOf = valuesIn(document, variables);
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
    const field = fieldOf(parent, node.name.value);
    const own = { ...nothing(), aliases: node.alias ? 1 : 0, depth: 1, cost: ownCost(field) };
    if (!field || !node.selectionSet) return own;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return own;
    const inner = ofSelection(node.selectionSet, type);
    own.depth += inner.depth;
    own.aliases += inner.aliases;
    own.directives += inner.directives;
    own.cost += inner.cost * lengthOf(node, field, parent, valueOf);
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
  valueOf: (node: ValueNode) => number | null,
): number {
  for (const [name, most] of Object.entries(lengthArguments)) {
    const argument = field.args.find((each) => each.name === name);
    if (!argument) continue;
    const given = node.arguments?.find((each) => each.name.value === name)?.value;
    const length = (given && valueOf(given)) ?? argument.default?.value;
    return typeof length === 'number' ? Math.min(Math.max(length, 1), most) : most;
  }
  if (!isListType(getNullableType(field.type))) return 1;
  return parent.name.endsWith('Connection') ? 1 : usualListLength;
}

/** The number that an argument's value stands for, looking behind variables; null for none. */
function valuesIn(document: DocumentNode, variables: Record<string, unknown>) {
  const defaults = new Map<string, ValueNode>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, defaultValue } of definition.variableDefinitions ?? []) {
      if (defaultValue) defaults.set(variable.name.value, defaultValue);
    }
  }
  return function valueOf(node: ValueNode): number | null {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind !== Kind.VARIABLE) return null;
    const given = variables[node.name.value];
    if (typeof given === 'number') return given;
    const otherwise = defaults.get(node.name.value);
    return otherwise?.kind === Kind.INT ? Number(otherwise.value) : null;
  };
}

/** What a field costs beside what it holds: 1, unless the schema says that it takes more than a look into memory. */
function ownCost(field: GraphQLField<unknown, unknown> | undefined): number {
  const cost = field?.extensions['cost'];
  return typeof cost === 'number' ? cost : 1;
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

function nothing(): Size {
  return { depth: 0, cost: 0, aliases: 0, directives: 0 };
}
