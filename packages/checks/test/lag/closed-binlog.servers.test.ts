import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caughtUp, replicate, startServer } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { watchLag } from '../support/lag-watch.ts';

const setUps = flavours.flatMap((flavour) => [
  { flavour, gtid: true },
  { flavour, gtid: false },
]);

describe.each(setUps)('on $flavour, by GTID: $gtid,', ({ flavour, gtid }) => {
  test('a source that closed its binary log, since it could not write it, is not followed until it is started anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-binlog-'));
    const away = `${folder}-away`;
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => {
      await rm(folder, { recursive: true, force: true });
    });
    // MySQL ends itself else; MariaDB always goes on without.
    const goesOn = flavour === 'mysql' ? ['--binlog-error-action=IGNORE_ERROR'] : [];
    const options = [`--log-bin=${join(folder, 'binlog')}`, ...goesOn];
    const source = stack.use(await startServer({ flavour, options }));
    const target = stack.use(await startServer({ flavour }));
    await replicate(target, source, { gtid });
    await source.query('CREATE DATABASE d');
    await source.query('CREATE TABLE d.t (id INT PRIMARY KEY)');
    await caughtUp(source, target);
    await using watch = watchLag({ source, target });
    const inSync = () => vi.waitFor(() => expect(watch.state().state).toBe('in-sync'), patient);
    await inSync();

    await rename(folder, away);
    await writeFile(folder, '');
    const giveBack = async () => {
      await rm(folder);
      await rename(away, folder);
    };
    // A server without it does not end.
    stack.defer(() => giveBack().catch(() => undefined));
    await source.query('FLUSH BINARY LOGS').catch(() => undefined);
    await source.query('INSERT INTO d.t VALUES (1)');
    await vi.waitFor(() => {
      expect(watch.state().state).toBe('unknown');
      expect(watch.sample().evidence).toMatch(/^lag unknown: source has closed its binary log/);
    }, patient);
    await watch.samplesMore(20);
    expect(watch.state().state).toBe('unknown');

    await giveBack();
    await source.stop();
    await source.start();
    // Whose file was away when it asked for it, its receiver has given up for good.
    await target.query('START REPLICA');
    await inSync();
  });
});
