import { lastLine, type Tally } from './report.ts';

/** Says what failed and how many passed, on the last line, and ends with 0 only if nothing failed. */
export function finish(sum: Tally, say: (line: string) => void): never {
  for (const problem of sum.problems) console.log(`failed: ${problem}`);
  say('Finished');
  console.log(lastLine(sum));
  process.exit(sum.failed === 0 ? 0 : 1);
}
