import { beforeAll, describe, expect, test } from 'vitest';
import { climb } from '../src/floors.ts';
import { type Imports, readImports } from '../src/imports.ts';

const engine = 'packages/checks/src/';

let all: Imports;
beforeAll(async () => {
  all = await readImports('packages/checks/src', 'apps/api/src', 'apps/web/src', 'dev');
});

/** What the files of one folder import from outside of it. */
const leaving = (folder: string) =>
  all.imports.filter(({ from, to }) => from.startsWith(folder) && !to.startsWith(folder));

describe('the engine', () => {
  test('imports only from floors below', () => {
    const within = all.imports.filter(({ from, to }) => from.startsWith(engine) && to.startsWith(engine));
    expect(within.length).toBeGreaterThan(500);
    const inside = within.map(({ from, to }) => ({
      from: from.slice(engine.length),
      to: to.slice(engine.length),
    }));
    expect(inside.map(climb).filter((reason) => reason !== null)).toEqual([]);
  });

  test('knows MySQL and time, and no transport', () => {
    const known =
      /^(@types\/)?(node:|mysql2|croner)|^[a-z_0-9/]+$|node_modules\/(mysql2|croner|@types\/node)\//;
    expect(leaving(engine).filter(({ to }) => !known.test(to))).toEqual([]);
    const transports = new Set(['http', 'https', 'http2']);
    expect(leaving(engine).filter(({ to }) => transports.has(to))).toEqual([]);
  });
});

test('the service and what is around it import the engine by its front door', () => {
  const through = all.imports.filter(({ from, to }) => !from.startsWith(engine) && to.startsWith(engine));
  const backDoors = ['dev/bench/src/checks-internals.ts', 'dev/world/src/engine.ts'];
  const around = through.filter(({ from, to }) => to !== `${engine}index.ts` && !backDoors.includes(from));
  expect(around.filter(({ from }) => !from.includes('/test/'))).toEqual([]);
});

test('the page knows the service by its schema alone', () => {
  const foreign = leaving('apps/web/src/').filter(({ to }) =>
    /^(apps\/api|packages|@lockstep|lockstep)/.test(to),
  );
  expect(foreign).toEqual([]);
});

test('no values are imported in a circle', () => {
  expect(all.circles).toEqual([]);
});

test('a climb, a neighbour and a file on no floor are found', () => {
  expect(climb({ from: 'model/run.ts', to: 'server/server.ts' })).toMatch(/floor 0.*floor 2/);
  expect(climb({ from: 'lag/lag-manager.ts', to: 'heartbeat/beat-time.ts' })).not.toBeNull();
  expect(climb({ from: 'attic/box.ts', to: 'model/run.ts' })).toMatch('attic/box.ts lies on no floor');
  expect(climb({ from: 'engine/orders.ts', to: 'verify/run/selection.ts' })).toBeNull();
});
