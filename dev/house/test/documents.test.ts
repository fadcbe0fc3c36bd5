import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPath, pathsIn, readDocument, scriptsIn, scriptsOf, stepsIn } from '../src/documents.ts';
import { engineFloors } from '../src/floors.ts';

const architecture = readDocument('ARCHITECTURE.md');
const rooms = engineFloors.flat();
const engine = 'packages/checks/src';

describe.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s', (name) => {
  test('names only files and folders that are there', () => {
    const paths = pathsIn(readDocument(name));
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => findPath(path) === null)).toEqual([]);
  });
});

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', '.github/workflows/test.yml'])(
  '%s tells only of npm scripts that there are',
  (name) => {
    const told = scriptsIn(readDocument(name));
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((script) => !scriptsOf(script.workspace).includes(script.name))).toEqual([]);
  },
);

describe('ARCHITECTURE.md', () => {
  test('can be read at one sitting', () => {
    expect(architecture.split('\n').length).toBeLessThanOrEqual(300);
  });

  test('says what every room of the engine is for', () => {
    const named = new Set(pathsIn(architecture));
    expect(rooms.filter((room) => !named.has(room) && !named.has(`${room}/`))).toEqual([]);
  });

  test('walks through functions that are where it says', () => {
    const steps = stepsIn(architecture);
    expect(steps.flatMap(({ functions }) => functions).length).toBeGreaterThan(30);
    const astray = steps.flatMap(({ files, functions }) => {
      const there = files.map((file) => findPath(file)).filter((file) => file !== null);
      const sources = there.map((file) => readFileSync(file, 'utf8')).join('\n');
      return functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources));
    });
    expect(astray).toEqual([]);
  });
});

describe('every folder of the engine', () => {
  const folders = rooms.filter((room) => !room.endsWith('.ts'));

  test('has a README that says what it is, or lies in one that does', () => {
    const silent = folders.filter((room) => {
      const around = room.includes('/') && !room.startsWith('verify/') ? room.replace(/\/.*/, '') : room;
      return findPath(`${engine}/${around}/README.md`) === null;
    });
    expect(silent).toEqual([]);
  });

  test('names in its README only what is there', () => {
    const astray = [...folders, 'verify'].flatMap((room) => {
      const readme = findPath(`${engine}/${room}/README.md`);
      if (readme === null) return [];
      const paths = pathsIn(readFileSync(readme, 'utf8'));
      return paths
        .filter((path) => findPath(path, join(engine, room)) === null)
        .map((path) => `${room}: ${path}`);
    });
    expect(astray).toEqual([]);
  });
});

test('paths, scripts and steps are found in a text, and what is none is not', () => {
  const text = [
    'See `lag/README.md`, `verify/`, `a.b`, `npm run dev`, `npm test -- --x` and `npm run schema -w lockstep`.',
    '1. `readIt()` in `log.ts`, and',
    '   `Thing.turn()` in `time/clock.ts`.',
    '```sh',
    'cat `no/where.ts`',
    '```',
  ].join('\n');
  expect(pathsIn(text)).toEqual(['lag/README.md', 'verify/', 'log.ts', 'time/clock.ts']);
  expect(scriptsIn(text)).toEqual([
    { name: 'dev', workspace: null },
    { name: 'test', workspace: null },
    { name: 'schema', workspace: 'lockstep' },
  ]);
  expect(scriptsOf('@lockstep/attic')).toEqual([]);
  expect(stepsIn(text)).toMatchObject([
    { files: ['log.ts', 'time/clock.ts'], functions: ['readIt', 'turn'] },
  ]);
  expect(findPath('log.ts')).toMatch(/packages\/checks\/src\/log\.ts$/);
  expect(findPath('attic/box.ts')).toBeNull();
});
