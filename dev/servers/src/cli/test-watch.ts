// `npm run test:watch -- NAME`: the test files with that in their path, run again whenever what they test changes.
// Servers start when one of them asks. Further arguments go to vitest, e.g. `-t 'a stopped applier'`.
import { join } from 'node:path';
import { command, endOnSignals, repository } from '../suite/command.ts';
import { testFiles } from '../suite/test-files.ts';

const [name, ...vitestArgs] = process.argv.slice(2);
endOnSignals();
if (!name) stop('name the tests to watch: npm run test:watch -- NAME, e.g. attribution or lag/');
const found = (await testFiles()).filter(({ file }) => file.includes(name));
const workspaces = [...new Set(found.map(({ workspace }) => workspace))];
if (found.length === 0) stop(`no test file has "${name}" in its path`);
const [workspace = ''] = workspaces;
if (workspaces.length > 1) {
  stop(
    `"${name}" is in files of ${workspaces.join(', ')}: name one of\n${found.map(({ file }) => file).join('\n')}`,
  );
}
const cwd = join(repository, workspace);
const env = { LOCKSTEP_TEST_LANE: 'watch' };
const files = found.map(({ file }) => file.slice(workspace.length + 1));
if (workspace === 'apps/web') await command('svelte-kit', ['sync'], env, { cwd });
process.exit(await command('vitest', ['watch', ...files, ...vitestArgs], env, { cwd, interactive: true }));

function stop(why: string): never {
  console.error(why);
  process.exit(3);
}
