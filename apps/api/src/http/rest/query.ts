import { EngineRequestError } from '@lockstep/checks';

/**
 * The values of each known parameter, given again or with commas between. A parameter that is not known is refused:
 * a filter with a slip in its name would otherwise answer as if it had been obeyed.
 */
export function readQuery<Name extends string>(
  query: URLSearchParams,
  known: readonly Name[],
): Record<Name, string[]> {
  for (const name of query.keys()) {
    if (!(known as readonly string[]).includes(name)) {
      throw new EngineRequestError(
        'INVALID',
        `There is no filter \`${name}\`; there are: ${known.join(', ')}.`,
      );
    }
  }
  return Object.fromEntries(known.map((name) => [name, valuesOf(query, name)])) as Record<Name, string[]>;
}

function valuesOf(query: URLSearchParams, name: string): string[] {
  // Names of pairs may hold a comma.
  const values = query.getAll(name);
  return (name === 'pair' ? values : values.flatMap((value) => value.split(','))).filter(Boolean);
}

/** Those words as the engine writes them, whatever their case. Throws EngineRequestError naming one that is none. */
export function wordsOf<Word extends string>(
  name: string,
  values: readonly string[],
  words: readonly Word[],
): Word[] {
  return values.map((value) => {
    const word = words.find((each) => each.toLowerCase() === value.toLowerCase());
    if (word !== undefined) return word;
    throw new EngineRequestError(
      'INVALID',
      `\`${name}\` cannot be "${value}"; it can be: ${words.join(', ')}.`,
    );
  });
}
