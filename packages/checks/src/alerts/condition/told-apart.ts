import type { StandingResult } from './snapshot.ts';

/** Results by which one check found tables well: no rule says anything of them until they are old. */
export interface Well {
  results: StandingResult[];
  /** Of these, by when they were found. */
  oldest: StandingResult;
  newest: StandingResult;
}

export interface ToldApart {
  /** There is something to say of these tables, … */
  notable: StandingResult[];
  /** … and of these of them, that they could not be checked. */
  errors: StandingResult[];
  /** By check. */
  well: Well[];
}

/** Asked for every second, of tens of thousands of tables, and rarely of others than the last time. */
const known = new WeakMap<readonly StandingResult[], ToldApart>();

export function toldApart(results: readonly StandingResult[]): ToldApart {
  let told = known.get(results);
  if (!told) {
    told = tellApart(results);
    known.set(results, told);
  }
  return told;
}

function tellApart(results: readonly StandingResult[]): ToldApart {
  const notable: StandingResult[] = [];
  const well = new Map<StandingResult['check'], Well>();
  for (const result of results) {
    if (!isWell(result)) {
      notable.push(result);
      continue;
    }
    const same = well.get(result.check);
    if (!same) {
      well.set(result.check, { results: [result], oldest: result, newest: result });
      continue;
    }
    same.results.push(result);
    if (result.finishedAt < same.oldest.finishedAt) same.oldest = result;
    if (result.finishedAt > same.newest.finishedAt) same.newest = result;
  }
  const errors = notable.filter(({ verdict }) => verdict === 'ERROR');
  return { notable, errors, well: [...well.values()] };
}

/** As long as it is not old, no rule has more to say of the table than that all is well. */
export function isWell({ verdict, schemaDifferences, unfitMasks }: StandingResult): boolean {
  return verdict === 'MATCH' && schemaDifferences.length === 0 && unfitMasks === undefined;
}
