import { builder, type Schema } from './builder.ts';

/**
 * A GraphQL enum over the engine's own words: `in-sync` becomes `IN_SYNC`. Every word of the type must be described,
 * so a new word in the engine does not compile until a stranger can understand it here.
 */
export function describedEnum<Word extends string>(
  name: string,
  description: string,
  words: Record<Word, string>,
): PothosSchemaTypes.EnumRef<Schema, Word> {
  const values = Object.fromEntries(
    (Object.entries(words) as [Word, string][]).map(([value, description]) => [
      graphqlName(value),
      { value, description },
    ]),
  );
  return builder.enumType(name, { description, values }) as unknown as PothosSchemaTypes.EnumRef<
    Schema,
    Word
  >;
}

function graphqlName(word: string): string {
  return word.toUpperCase().replaceAll('-', '_');
}
