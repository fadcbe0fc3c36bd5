// `npm run simulate`: lets as many histories run as are wanted, and says by what seeds those can be seen again in which
// there was a lie.
import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    /** Ends at the first lie. */
    first: { type: 'boolean', default: false },
    /** Prints all that was said. */
    verbose: { type: 'boolean', default: false },
  },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isInteger(seeds) || !Number.isInteger(from)) {
  console.error('npm run simulate [-- --seeds N] [--from S] [--first] [--verbose]');
  process.exit(2);
}

const began = performance.now();
const verdicts = new Map<string, number>();
let done = 0;
let samples = 0;
let lying = 0;
const known = new Map<string, number[]>();
for (let seed = from; seed < from + seeds; seed++) {
  const history = await runHistory(seed);
  done++;
  samples += history.samples;
  for (const { verdict } of history.results) verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  for (const name of new Set(history.known)) known.set(name, [...(known.get(name) ?? []), seed]);
  if (values.verbose) console.log(JSON.stringify(history.plan), `\n${history.said.join('\n')}`);
  if (history.lies.length === 0) continue;
  lying++;
  console.log(`seed ${seed}: ${history.lies.length} lies, the first:\n  ${history.lies[0]}`);
  if (values.first) break;
}
const seconds = (performance.now() - began) / 1000;
const counts = [...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
console.log(
  `${done} histories in ${seconds.toFixed(1)} s (${Math.round((done / seconds) * 60)} a minute), ${samples} lag samples; ${counts}; ${lying} with a lie`,
);
for (const [name, where] of known) {
  console.log(`known: ${name}: ${where.length} histories, e.g. by seed ${where.slice(0, 5).join(', ')}`);
}
process.exitCode = lying > 0 ? 1 : 0;
