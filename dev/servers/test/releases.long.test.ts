import { expect, test } from 'vitest';
import { findOrInstall, otherReleases, startPair } from '../src/index.ts';
import { caughtUp } from '../src/replication/caught-up.ts';

test.each(otherReleases)('a pair of MariaDB %s replicates', async (release) => {
  await using pair = await startPair({ flavour: 'mariadb', release });
  for (const { version } of [pair.source, pair.target]) expect(version.join('.')).toMatch(`${release}.`);
  await pair.source.query('CREATE DATABASE d');
  await caughtUp(pair.source, pair.target);
  expect(await pair.target.query(`SHOW DATABASES LIKE 'd'`)).toHaveLength(1);
});

test.each(otherReleases)('MariaDB %s is what its tests run on where they are told to', async (release) => {
  process.env['LOCKSTEP_TEST_MARIADB'] = release;
  try {
    expect((await findOrInstall('mariadb')).version.join('.')).toMatch(`${release}.`);
    expect((await findOrInstall('mariadb', { release: 'stable' })).version.join('.')).toMatch(`${release}.`);
    expect((await findOrInstall('mysql')).flavour).toBe('mysql');
  } finally {
    delete process.env['LOCKSTEP_TEST_MARIADB'];
  }
});
