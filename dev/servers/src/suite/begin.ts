import { finish } from './finish.ts';
import { whatTheMachineLacks } from './machine.ts';
import { onlyRunHere } from './only-run-here.ts';
import { fail, type Tally } from './report.ts';

/** The empty tally of a whole run, once the machine can serve it and no other goes on in this checkout. */
export async function begin(say: (line: string) => void): Promise<Tally> {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const lacking = await whatTheMachineLacks();
  if (lacking !== null) {
    fail(sum, lacking);
    finish(sum, say);
  }
  await onlyRunHere(say);
  return sum;
}
