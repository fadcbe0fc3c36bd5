import type { ApiContext } from './context.ts';

/**
 * What the schema says of a field, for the price of a query; each in the field's `extensions`:
 *
 * - `cost`: what it takes beside what it holds, in values read from memory, which take 1 each; of an argument,
 *   what it takes where it is given.
 * - `length`: how many items its list holds now, at most, in any place where it can be asked for.
 * - `usual`: how many it usually holds, where that is not known before it is asked for.
 * - `most`: what its arguments `first` and `last` are cut to.
 * - `otherwise`, of such an argument: what it is taken for where none of them is given.
 */
export interface Price {
  cost?: number | ((now: PricedBy) => number);
  length?: (now: PricedBy) => number;
  usual?: number;
  most?: number;
  otherwise?: number;
}

/** What real sizes are taken from. */
export type PricedBy = Pick<ApiContext, 'engine' | 'config'>;

/** A question to the store of history takes as long as so many values from memory. */
export const storedCost = 20;
