import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startServer } from '../src/index.ts';
import { flavours } from '../src/vitest/index.ts';

describe.each(flavours)('on %s', (flavour) => {
  test('a server keeps its port, data and accounts through a crash and an orderly stop', async () => {
    await using server = await startServer({ flavour });
    const { port, pid } = server;
    await server.query('CREATE DATABASE kept; CREATE TABLE kept.t (id INT PRIMARY KEY)');
    for (const [id, end] of [() => server.kill9(), () => server.stop()].entries()) {
      await server.query('INSERT INTO kept.t VALUES (?)', [id]);
      await end();
      expect(server.pid).toBeNull();
      await expect(server.query('SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
      await server.start();
    }
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await server.query('SELECT id FROM kept.t')).toEqual([{ id: 0 }, { id: 1 }]);
  });

  test('a frozen server accepts connections but answers only when thawed', async () => {
    await using server = await startServer({ flavour });
    await server.query('SELECT 1');
    await server.freeze();
    const answer = server.query('SELECT 2 AS two');
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    expect(await Promise.race([answer, pause(300, 'silence')])).toBe('silence');
    server.thaw();
    expect(await answer).toEqual([{ two: 2 }]);
  });

  test('the binary log of a new server is empty', async () => {
    await using server = await startServer({ flavour });
    const [row] = await server.query(
      flavour === 'mysql' ? 'SELECT @@gtid_executed AS gtid' : 'SELECT @@gtid_binlog_pos AS gtid',
    );
    expect(row).toEqual({ gtid: '' });
  });

  test('removing a server removes its folder', async () => {
    const server = await startServer({ flavour });
    await server.remove();
    expect(server.pid).toBeNull();
    expect(existsSync(dirname(server.dataDir))).toBe(false);
  });

  test('a server that cannot start says what its own log says', async () => {
    await expect(startServer({ flavour, options: ['--no-such-option=1'] })).rejects.toThrow(/no-such-option/);
  });
});
