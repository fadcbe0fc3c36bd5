// `npm run mutate [-- [--quick] [--near] [--own] [--afresh] FILE…]`: changes the engine's decisions one by one and says
// which changes no test that needs no server notices. Without files: where it is decided what is so. `--quick` leaves
// the simulated world out, which takes most of the time, `--near` also all tests but those of the files' own folders,
// and `--own` all but those that are named for the files, so that both name too many; `--afresh` believes nothing that
// was found before. Ends with 1 where too many live.
import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { MutantResult } from '@stryker-mutator/api/core';
import { isEquivalent } from './equivalent/is-equivalent.ts';
import { kill } from './killing.ts';
import { lives, mutationOf, shown } from './mutation.ts';
import { repository } from './repository.ts';
import { scores } from './scores.ts';

const rooms = ['position', 'lag', 'alerts', 'verify/settle'].map((room) => `packages/checks/src/${room}`);
const leastPercent = 95;

process.chdir(repository);
const {
  values: { quick, near, own, afresh },
  positionals: asked,
} = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    near: { type: 'boolean', default: false },
    own: { type: 'boolean', default: false },
    afresh: { type: 'boolean', default: false },
  },
});
const files = globSync(asked.length > 0 ? asked : rooms.map((room) => `${room}/**/*.ts`));

const only = own ? 'own' : near ? 'near' : null;
const byTests = (await kill(files, 'tests', { afresh, only })).filter(({ status }) => status !== 'Ignored');
const hardy = byTests.filter((mutant) => lives(mutant) && !isEquivalent(mutationOf(mutant)));
const living = new Set(hardy.map(keyOf));
if (hardy.length > 0 && !quick && !only) {
  for (const mutant of await kill([...new Set(hardy.map(rangeOf))], 'worlds', { afresh })) {
    if (!lives(mutant)) living.delete(keyOf(mutant));
  }
}

const survivors = hardy.filter((mutant) => living.has(keyOf(mutant))).map(mutationOf);
for (const survivor of survivors) console.log(shown(survivor));
const equivalent = byTests.filter((mutant) => lives(mutant) && isEquivalent(mutationOf(mutant)));
const all = scores(rooms, byTests.map(mutationOf), survivors, equivalent.map(mutationOf));
for (const { room, sentence } of all) console.log(`${room}: ${sentence}`);
process.exitCode = all.every(({ percent }) => percent >= leastPercent) ? 0 : 1;

function keyOf({ fileName, location: { start, end }, replacement }: MutantResult): string {
  return JSON.stringify([fileName, start, end, replacement]);
}

/** As Stryker reads it: lines from 1 on, columns from 0. It tells both from 1 on. */
function rangeOf({ fileName, location: { start, end } }: MutantResult): string {
  const place = ({ line, column }: { line: number; column: number }) => `${line}:${column - 1}`;
  return `${relative(repository, fileName)}:${place(start)}-${place(end)}`;
}
