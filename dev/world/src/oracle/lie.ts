import type { Plan } from '../plan.ts';

/** Something that was said and is not so. */
export interface Lie {
  kind: 'match' | 'in-flight' | 'missed' | 'error' | 'gone' | 'lag-below' | 'lag-above' | 'state' | 'alert';
  sentence: string;
}

/** Faults that the engine has today, by what they look like here. Whoever mends one takes it off the list. */
const known: { name: string; isIt: (lie: Lie, plan: Plan) => boolean }[] = [
  {
    name: 'a row that is toggled, or comes and goes, while commits wait for another replica is called different',
    isIt: ({ kind }, { keyless, waits, writers }) =>
      kind === 'in-flight' && !keyless && waits.chance > 0 && writers.some(({ habit }) => habit !== 'count'),
  },
  {
    name: 'a row that comes and goes, or is toggled, in a table without a key is called different',
    isIt: ({ kind }, { keyless, writers }) =>
      kind === 'in-flight' && keyless && writers.some(({ habit }) => habit !== 'count'),
  },
  {
    name: 'a lag vouched for by the target’s own figure is above the true one by up to a second or so',
    isIt: ({ kind, sentence }) => kind === 'lag-above' && sentence.includes('by the target’s own figure'),
  },
  {
    name: 'a look that the suspension of the monitor’s machine fell into is taken for a fresh one, and the lag for less',
    isIt: ({ kind }, { suspendedMs }) => kind === 'lag-below' && suspendedMs !== null,
  },
  {
    name: 'a table that is altered in each of three attempts ends in ERROR, where a statement met the old definition',
    isIt: ({ kind, sentence }, { ddlEveryMs }) =>
      kind === 'error' && ddlEveryMs !== null && sentence.includes('(error 1054)'),
  },
  {
    name: 'with one MariaDB domain in the hands of others too, and another one behind, the lag is overstated',
    isIt: ({ kind }, { otherSource, writers }) =>
      kind === 'lag-above' && otherSource !== null && writers.some(({ domain }) => domain === 1),
  },
];

/** The name of the known fault that a lie is; null for a new one. */
export function knownFault(lie: Lie, plan: Plan): string | null {
  return known.find(({ isIt }) => isIt(lie, plan))?.name ?? null;
}
