import type { Plan } from '../plan.ts';

/** Something that was said and is not so. */
export interface Lie {
  kind: 'match' | 'in-flight' | 'missed' | 'error' | 'gone' | 'lag-below' | 'lag-above' | 'state' | 'alert';
  sentence: string;
}

/** Faults that the engine has today, by what they look like here. Whoever mends one takes it off the list. */
const known: { name: string; isIt: (lie: Lie, plan: Plan) => boolean }[] = [];

/** The name of the known fault that a lie is; null for a new one. */
export function knownFault(lie: Lie, plan: Plan): string | null {
  return known.find(({ isIt }) => isIt(lie, plan))?.name ?? null;
}
