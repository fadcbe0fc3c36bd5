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
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { maxPage } from '../../graphql/page.ts';
import type { Price, PricedBy } from '../../graphql/price.ts';

/** What a list holds, where neither the document nor the schema says. */
export const usualListLength = 10;
/** Arguments that say how long a list will be, and what they are at most, whatever is given. */
const lengthArguments: Record<string, number> = { first: maxPage, last: maxPage, maxPoints: 5_000 };
/** Of the schema's own description of itself, on average: few types have many fields, most things have none. */
const introspectedLength: Record<string, number> = { types: 120, fields: 5, enumValues: 5, directives: 5 };

/** How large a selection is, what its fragments hold included. `cost` estimates the values in the answer. */
interface Size {
  depth: number;
  cost: number;
  aliases: number;
  directives: number;
}

/**
 * Measures selections of a document; `variables` as they were given, before any of them is checked. `now`: what the
 * sizes of lists are taken from; without it they count as they usually are.
 */
export function measurer(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown>,
  now?: PricedBy,
) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const valueOf = valuesIn(document, variables);
  // Each fragment is measured once, however often it is used; `null` marks one that is being measured, so that a
  // fragment within itself (which another rule refuses) ends here.
  const measured = new Map<string, Size | null>();
  const lengths = new Map<NonNullable<Price['length']>, number>();
  const realLength = ({ length }: Price): number | null => {
    if (!length || !now) return null;
    // What is small now may have grown before the answer is made.
    const known = lengths.get(length) ?? Math.max(lengthNow(length, now), usualListLength);
    lengths.set(length, known);
    return known;
  };

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
    const field = fieldOf(schema, parent, node.name.value);
    const own = { ...nothing(), aliases: node.alias ? 1 : 0, depth: 1, cost: ownCost(node, field, now) };
    if (!field || !node.selectionSet) return own;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return own;
    const inner = ofSelection(node.selectionSet, type);
    // How deep the schema's description of itself may be asked is limited by the library.
    if (!node.name.value.startsWith('__')) own.depth += inner.depth;
    own.aliases += inner.aliases;
    own.directives += inner.directives;
    own.cost += inner.cost * lengthOf(node, field, parent, valueOf, realLength);
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
  realLength: (price: Price) => number | null,
): number {
  const price = field.extensions as Price;
  const real = realLength(price);
  const asked = askedLength(node, field, valueOf);
  if (asked !== null) return real === null ? asked : Math.min(asked, real);
  if (!isListType(getNullableType(field.type))) return 1;
  if (parent.name.startsWith('__')) return introspectedLength[field.name] ?? 1;
  if (parent.name.endsWith('Connection')) return 1;
  return real ?? price.usual ?? usualListLength;
}

/** How long its arguments say that the list will be, of several the longest; null where it has no such argument. */
function askedLength(
  node: FieldNode,
  { args, extensions }: GraphQLField<unknown, unknown>,
  valueOf: (node: ValueNode) => number | null,
): number | null {
  const lengths = args.filter(({ name }) => name in lengthArguments);
  if (lengths.length === 0) return null;
  const most = (extensions as Price).most ?? Math.max(...lengths.map(({ name }) => lengthArguments[name]!));
  const given = lengths.flatMap(({ name }) => {
    const value = node.arguments?.find((each) => each.name.value === name)?.value;
    return (value && valueOf(value)) ?? [];
  });
  const otherwise = lengths.map((each) => each.default?.value ?? (each.extensions as Price).otherwise);
  const asked = given.length > 0 ? Math.max(...given) : otherwise.find((each) => typeof each === 'number');
  return typeof asked === 'number' ? Math.min(Math.max(asked, 1), most) : most;
}

/**
 * The number that an argument's value stands for, looking behind variables; null for none. Operations of a document may
 * have a variable of one name each: of their defaults the largest counts, whichever is asked for.
 */
function valuesIn(document: DocumentNode, variables: Record<string, unknown>) {
  const defaults = new Map<string, number>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const { variable, defaultValue } of definition.variableDefinitions ?? []) {
      if (defaultValue?.kind !== Kind.INT) continue;
      const { value: name } = variable.name;
      defaults.set(name, Math.max(defaults.get(name) ?? -Infinity, Number(defaultValue.value)));
    }
  }
  return function valueOf(node: ValueNode): number | null {
    if (node.kind === Kind.INT) return Number(node.value);
    if (node.kind !== Kind.VARIABLE) return null;
    const { [node.name.value]: given } = variables;
    // One that is given as null has no default any more.
    if (given !== undefined) return typeof given === 'number' ? given : null;
    return defaults.get(node.name.value) ?? null;
  };
}

/** What cannot say how much it holds has its say when it is asked for what that is. */
function lengthNow(length: NonNullable<Price['length']>, now: PricedBy): number {
  try {
    return length(now);
  } catch {
    return 0;
  }
}

/** What a field costs beside what it holds: 1, unless the schema says that it takes more than a look into memory. */
function ownCost(
  { arguments: given = [] }: FieldNode,
  field: GraphQLField<unknown, unknown> | undefined,
  now: PricedBy | undefined,
): number {
  const costOf = ({ cost = 0 }: Price) => (typeof cost === 'number' ? cost : now ? lengthNow(cost, now) : 0);
  const own = costOf((field?.extensions as Price | undefined) ?? {}) || 1;
  return given.reduce((sum, { name }) => {
    const argument = field?.args.find((each) => each.name === name.value);
    return argument ? sum + costOf(argument.extensions) : sum;
  }, own);
}

function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (parent === schema.getQueryType()) {
    if (name === '__schema') return SchemaMetaFieldDef;
    if (name === '__type') return TypeMetaFieldDef;
  }
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

function nothing(): Size {
  return { depth: 0, cost: 0, aliases: 0, directives: 0 };
}
