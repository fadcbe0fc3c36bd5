import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  findOrInstall,
  type Flavour,
  type Release,
  startReplica,
  stopReplica,
  type TestServer,
} from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, type TendedPair, tendedPair } from '@lockstep/servers/vitest';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChannelStatus } from '../../src/model/replication.ts';
import { type LagWatch, watchLag } from '../support/lag-watch.ts';

/** On PATH there is only one; another is fetched, which may not be possible, or may take too long. */
const newestIsThere = await Promise.race([
  findOrInstall('mariadb', { release: 'newest' }).then(
    () => true,
    () => false,
  ),
  pause(patient.timeout, false, { ref: false }),
]);

/** MariaDB twice: what most people run, and the newest there is. */
const servers: [Flavour, Release][] = flavours.flatMap((flavour): [Flavour, Release][] =>
  flavour === 'mariadb'
    ? [
        [flavour, 'stable'],
        [flavour, 'newest'],
      ]
    : [[flavour, 'stable']],
);

/** Each figure of a channel against what the server itself holds. */
describe.each(servers)('on %s, %s', (flavour, release) => {
  const there = release === 'stable' || newestIsThere;
  let watch: LagWatch;
  const workers = flavour === 'mysql' ? '--replica-parallel-workers=3' : '--slave-parallel-threads=3';

  const seed = async ({ source }: TendedPair) => {
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(1000))');
  };
  const pair = there && tendedPair({ flavour, release, options: [workers], seed });
  beforeEach(async () => {
    if (!pair) return;
    watch = watchLag({ source: pair.source, target: pair.target });
    await inSync();
  });
  afterEach(async () => {
    if (pair) await watch[Symbol.asyncDispose]();
  });

  const figures = (name: string, run: (pair: TendedPair) => Promise<unknown>) =>
    test(name, async (context) => {
      if (!pair) return context.skip('the newest MariaDB cannot be had on this machine');
      await run(pair);
    });

  /** By samples that asked the source after this was called: older ones may not know the last write. */
  const inSync = () => {
    const called = Date.now();
    return vi.waitFor(() => {
      expect(watch.state().state).toBe('in-sync');
      const { lagMs, at, uncertaintyMs } = watch.sample();
      expect(lagMs).toBe(0);
      expect(at.getTime() - (uncertaintyMs ?? Infinity)).toBeGreaterThan(called);
    }, patient);
  };

  const channel = (): ChannelStatus => {
    const [only] = watch.status().channels ?? [];
    if (!only) throw new Error('no channel');
    return only;
  };

  const write = (source: TestServer, bytes = 10) =>
    source.query('INSERT INTO d.t (v) VALUES (REPEAT("x", ?))', [bytes]);

  figures(
    'parallel workers are those that are configured, while the applier runs and while it does not',
    async ({ target }) => {
      await vi.waitFor(() => expect(channel().parallelWorkers).toBe(3), patient);
      await stopReplica(target, 'sql');
      await vi.waitFor(
        () => expect(channel()).toMatchObject({ applier: 'stopped', parallelWorkers: 3 }),
        patient,
      );
      await startReplica(target, 'sql');
      await inSync();
    },
  );

  figures('the relay log’s size is that of its files', async ({ source, target }) => {
    await stopReplica(target, 'sql');
    for (let n = 0; n < 50; n++) await write(source, 1000);
    await vi.waitFor(async () => {
      const { relayLogBytes } = channel();
      expect(relayLogBytes).toBeGreaterThan(50_000);
      expect(Math.abs((relayLogBytes ?? 0) - (await relayFiles(target.dataDir)))).toBeLessThan(1000);
    }, patient);
    await startReplica(target, 'sql');
    await inSync();
  });

  figures('transactions behind are those that were committed and not applied', async ({ source, target }) => {
    if (flavour === 'mariadb') {
      // Of a domain that the target knows nothing of it cannot be told how much is missing there.
      await source.query('SET gtid_domain_id = 5');
      await write(source);
      await source.query('SET gtid_domain_id = 0');
    }
    await inSync();
    await stopReplica(target, 'sql');
    for (let n = 0; n < 7; n++) await write(source);
    if (flavour === 'mariadb') {
      await source.query('SET gtid_domain_id = 5');
      for (let n = 0; n < 4; n++) await write(source);
      await source.query('SET gtid_domain_id = 0');
    }
    const written = flavour === 'mariadb' ? 11 : 7;
    await vi.waitFor(() => expect(watch.sample().transactionsBehind).toBe(written), patient);
    await startReplica(target, 'sql');
    await inSync();
    expect(watch.sample().transactionsBehind).toBe(0);
  });

  figures('what was received and applied is where the source is', async ({ source }) => {
    await write(source);
    const statement = flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
    const [at] = await source.query<{ File: string; Position: number }>(statement);
    await vi.waitFor(
      () =>
        expect(channel()).toMatchObject({
          receivedFile: at?.File,
          receivedOffset: Number(at?.Position),
          appliedFile: at?.File,
          appliedOffset: Number(at?.Position),
        }),
      patient,
    );
  });

  figures('filters are told as the server holds them', async ({ target }) => {
    await stopReplica(target, 'sql');
    const set = (tables: string) =>
      target.query(
        flavour === 'mysql'
          ? `CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (${tables})`
          : `SET GLOBAL replicate_ignore_table = '${tables}'`,
      );
    if (flavour === 'mariadb') await stopReplica(target, 'io');
    await set('d.ignored');
    await startReplica(target);
    const filter = { name: 'Replicate_Ignore_Table', value: 'd.ignored' };
    await vi.waitFor(() => expect(channel().filters).toEqual([filter]), patient);
    await stopReplica(target);
    await set('');
    await startReplica(target);
    await vi.waitFor(() => expect(channel().filters).toEqual([]), patient);
    await inSync();
  });

  figures(
    'the intended delay is the configured one, and the server’s own figure stands beside ours',
    async ({ source, target }) => {
      await stopReplica(target, 'sql');
      const word =
        flavour === 'mysql' ? 'CHANGE REPLICATION SOURCE TO SOURCE_DELAY' : 'CHANGE MASTER TO MASTER_DELAY';
      if (flavour === 'mariadb') await stopReplica(target, 'io');
      await target.query(`${word} = 2`);
      await startReplica(target);
      await vi.waitFor(() => expect(channel().intendedDelayMs).toBe(2000), patient);
      // Written all the while: after a single one it is as delayed as that for a moment only.
      await vi.waitFor(async () => {
        await write(source);
        expect(watch.sample().lagMs).toBeGreaterThan(1000);
        expect(watch.sample().serverLagMs).toBeGreaterThanOrEqual(1000);
        expect(watch.status().attribution).toBe('intended');
      }, patient);
      await stopReplica(target);
      await target.query(`${word} = 0`);
      await startReplica(target);
      await inSync();
    },
  );
});

/** All but the index, which only names them. */
async function relayFiles(dataDir: string): Promise<number> {
  const names = (await readdir(dataDir)).filter((name) => /^relay\.\d+$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dataDir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
