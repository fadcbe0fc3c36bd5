import { startReplica, stopReplica } from '@lockstep/servers';
import { inVainMs, patienceMs, patient } from '@lockstep/servers/patience';
import { flavours, tendedPair } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { contains, countMissing } from '../../src/position/contains.ts';
import type { Position, PositionKind } from '../../src/position/position.ts';
import { readAppliedPosition, readSourcePosition } from '../../src/position/read-position.ts';
import { waitUntilApplied } from '../../src/position/wait-until-applied.ts';
import type { Server } from '../../src/server/server.ts';
import { connect } from '../support/connect.ts';

describe.each(flavours)('on %s', (flavour) => {
  const pair = tendedPair({
    flavour,
    seed: async ({ source }) => {
      await source.query('CREATE DATABASE d');
      await source.query('CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY)');
    },
  });

  const write = () => pair.source.query('INSERT INTO d.t VALUES (NULL)');
  const servers = async (): Promise<{ source: Server; target: Server }> => {
    const { source, target } = await connect({ source: pair.source, target: pair.target });
    if (!source || !target) throw new Error('unreachable');
    return { source, target };
  };
  const known = (position: Position | null): Position => {
    expect(position).not.toBeNull();
    return position as Position;
  };

  describe.each<PositionKind>([`${flavour}-gtid`, 'file'])('by %s', (kind) => {
    // MySQL's parallel appliers tell their place in the binlog a few times a second only.
    const rounds = kind === 'file' ? 4 : 20;

    test('what was written is waited for, and is there then', async () => {
      const { source, target } = await servers();
      for (let n = 0; n < rounds; n++) {
        await write();
        const wanted = known(await readSourcePosition(source, kind));
        const result = await waitUntilApplied(
          { readApplied: () => readAppliedPosition(target, kind) },
          wanted,
          { timeoutMs: patienceMs },
        );
        expect(result).toBe(true);
        const counts = [pair.source, pair.target].map((server) =>
          server.query('SELECT COUNT(*) AS n FROM d.t'),
        );
        const [here, there] = await Promise.all(counts);
        expect(there).toEqual(here);
      }
    });

    test('what is not applied is not contained; waiting ends in time, or when told to', async () => {
      const { source, target } = await servers();
      await stopReplica(pair.target, 'sql');
      try {
        const before = known(await readAppliedPosition(target, kind));
        await write();
        await write();
        const wanted = known(await readSourcePosition(source, kind));
        expect(contains(wanted, before)).toBe(true);
        expect(contains(before, wanted)).toBe(false);
        expect(countMissing(before, wanted)).toBe(kind === 'file' ? null : 2n);
        const reader = { readApplied: () => readAppliedPosition(target, kind) };
        expect(await waitUntilApplied(reader, wanted, { timeoutMs: inVainMs })).toBe(false);
        const controller = new AbortController();
        const waiting = waitUntilApplied(reader, wanted, {
          timeoutMs: patienceMs,
          signal: controller.signal,
        });
        const told = expect(waiting).rejects.toThrow('enough');
        controller.abort(new Error('enough'));
        await told;
      } finally {
        await startReplica(pair.target, 'sql');
      }
    });
  });

  test('a channel that does not exist has no place', async () => {
    const { target } = await servers();
    expect(await readAppliedPosition(target, 'file', 'nowhere')).toBeNull();
  });

  test('the lag privileges are enough to read positions, and USAGE for those by GTID', async () => {
    await pair.source.query(`CREATE USER IF NOT EXISTS 'nobody'@'127.0.0.1' IDENTIFIED BY 'pw'`);
    const { ConnectionManager } = await import('../../src/server/connection-manager.ts');
    const { silent } = await import('../../src/log.ts');
    const { connection, serverConfig } = await import('../support/config.ts');
    const manager = new ConnectionManager({
      servers: [
        { ...serverConfig('source', pair.source), user: 'nobody', password: () => Promise.resolve('pw') },
      ],
      connection,
      log: silent,
      onChange: () => undefined,
    });
    manager.start();
    try {
      const source = manager.get('source');
      await vi.waitFor(() => expect(source.connected).toBe(true), patient);
      expect(await readSourcePosition(source, `${flavour}-gtid`)).not.toBeNull();
      await expect(readSourcePosition(source, 'file')).rejects.toMatchObject({
        kind: 'privilege',
        errno: 1227,
      });
    } finally {
      await manager.stop();
    }
  });
});
