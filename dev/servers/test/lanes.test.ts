import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../src/suite/command.ts';
import { testFiles } from '../src/suite/test-files.ts';

/** What of `@lockstep/servers` starts a server or looks for a browser; the rest works on what was started. */
const starting = new Set([
  'startGalera',
  'startGroup',
  'startServer',
  'startPair',
  'findOrInstall',
  'findAlertmanager',
  'findPromtool',
  'steppedClock',
  'findChromium',
  'chromiumToLaunch',
]);
const startingModule = '@lockstep/servers/vitest';

/** Of dev/servers itself: what everything that starts a server goes through. */
const starters = ['src/process/start-server.ts', 'src/vitest/index.ts', 'src/vitest/broker.ts'];

/** What a file takes that needs a server or a browser, itself or by what it imports; null for nothing. */
function needs(file: string, seen = new Set<string>()): string | null {
  if (seen.has(file)) return null;
  seen.add(file);
  for (const { names, from } of imports(readFileSync(file, 'utf8'))) {
    if (from === 'playwright-core') return 'a browser';
    if (from.startsWith(startingModule) && names.length > 0) return from;
    const name = from === '@lockstep/servers' && names.find((each) => starting.has(each));
    if (name) return name;
    const path = join(dirname(file), from);
    if (!from.startsWith('.') || !existsSync(path)) continue;
    if (starters.some((starter) => path.endsWith(`dev/servers/${starter}`))) return from;
    const further = needs(path, seen);
    if (further !== null) return further;
  }
  return null;
}

/** The values that a module imports or passes on; types cost nothing. */
function imports(text: string): { names: string[]; from: string }[] {
  return [...text.matchAll(/^(?:import|export)\s+(?!type\s)([^;]*?)\s+from\s+'([^']+)'/gm)].map(
    ([, names = '', from = '']) => ({
      names: names
        .replace(/[{}]/g, '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type ')),
      from,
    }),
  );
}

test('a test that needs a server or a browser says so in its name', async () => {
  const plain = (await testFiles()).filter(
    // Components are drawn by a browser, all of them: see their project.
    ({ file }) =>
      !/\.(servers|browser|program|load|long|clusters)\.test\.ts$/.test(file) &&
      !file.includes('/test/components/'),
  );
  const found = plain.flatMap(({ file }) => {
    const need = needs(join(repository, file));
    return need === null ? [] : [`${file} takes ${need}: name it .servers.test.ts or .browser.test.ts`];
  });
  expect(found).toEqual([]);
  expect(plain.length).toBeGreaterThan(50);
});

test('a test that is named so does need one', async () => {
  const named = (await testFiles()).filter(({ file }) =>
    /\.(servers|browser|clusters)\.test\.ts$/.test(file),
  );
  expect(named.filter(({ file }) => needs(join(repository, file)) === null)).toEqual([]);
});

test('a test that starts Lockstep itself says so in its name', async () => {
  const program = join(repository, 'apps/api/test/cli/program.ts');
  const starting = (await testFiles()).filter(({ file }) =>
    imports(readFileSync(join(repository, file), 'utf8')).some(
      ({ from }) => join(repository, dirname(file), from) === program,
    ),
  );
  const needful = /\.(program|servers|browser|long|clusters)\.test\.ts$/;
  expect(starting.map(({ file }) => file).filter((file) => !needful.test(file))).toEqual([]);
  expect(starting.length).toBeGreaterThan(5);
});
