import { parseArgs } from 'node:util';

/** A mistake in how a benchmark was called, in words for the person who did. */
export class UsageError extends Error {}

export interface OptionNames<N extends string, L extends string, F extends string> {
  /** Whole numbers, 1 or more, with their defaults. */
  numbers: Record<N, number>;
  /** Comma-separated choices, all of them by default. */
  lists: Record<L, readonly string[]>;
  flags: readonly F[];
}

export type Options<N extends string, L extends string, F extends string> = Record<N, number> &
  Record<L, string[]> &
  Record<F, boolean>;

/** Reads `--name value`; throws UsageError on anything it does not understand. */
export function readOptions<N extends string, L extends string, F extends string>(
  args: string[],
  { numbers, lists, flags }: OptionNames<N, L, F>,
): Options<N, L, F> {
  const names = [...Object.keys(numbers), ...Object.keys(lists)];
  const given = values(args, names, flags);
  const number = (name: string, usual: unknown) => {
    const text = given[name] ?? String(usual);
    if (!/^[1-9]\d{0,9}$/.test(String(text))) throw new UsageError(`--${name} ${text}: it is a whole number`);
    return Number(text);
  };
  const list = (name: string, choices: readonly string[]) => {
    const chosen = given[name] === undefined ? choices : String(given[name]).split(',');
    for (const choice of chosen) {
      if (!choices.includes(choice)) {
        throw new UsageError(`--${name} ${choice}: known are ${choices.join(', ')}`);
      }
    }
    return [...chosen];
  };
  return Object.fromEntries([
    ...Object.entries(numbers).map(([name, usual]) => [name, number(name, usual)]),
    ...Object.entries<readonly string[]>(lists).map(([name, choices]) => [name, list(name, choices)]),
    ...flags.map((name) => [name, given[name] === true]),
  ]) as Options<N, L, F>;
}

function values(
  args: string[],
  names: string[],
  flags: readonly string[],
): Record<string, string | boolean | undefined> {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' as const }]),
    ...flags.map((name) => [name, { type: 'boolean' as const }]),
  ]) as Record<string, { type: 'string' | 'boolean' }>;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
