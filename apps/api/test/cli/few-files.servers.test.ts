import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerHandle, startPair } from '@lockstep/servers';
import { patient, unhurried } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BIN, Program } from './program.ts';

const files = 320;
const strangers = 600;
const mostCalls = 100_000;
const againMs = 50;

test('where few files may be open, strangers’ sockets take none of those that servers are asked by', async () => {
  // Of its own: sessions of theirs are ended.
  await using servers = await startPair({ flavour: flavours[0]! });
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = ({ host, port, monitor }: ServerHandle) => ({ host, port, ...monitor, tls: false });
  const file = join(folder, 'lockstep.json');
  const content = {
    servers: { source: server(servers.source), target: server(servers.target) },
    pairs: [{ name: 'shop', source: 'source', target: 'target' }],
    defaults: { tables: ['d.*'], checks: { consistency: false, checksum: false } },
    http: { port: 0 },
    storage: { file: join(folder, 'history.db') },
    lag: { timeout: unhurried },
    connection: { connectTimeout: unhurried },
  };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  const few = ['-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, BIN];
  const program = new Program('bash', [...few, 'serve', '--config', file]);
  let port = 0;
  await vi.waitFor(() => {
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(program.stdout)?.[1]);
    expect(port, program.stderr).toBeGreaterThan(0);
  }, patient);
  expect(program.stdout).toContain('the process may have few open files');
  const pair = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/metrics`);
    const { pairs } = (await answer.json()) as { pairs: { state: string; lag: { at: string } | null }[] };
    return pairs[0]!;
  };
  await vi.waitFor(async () => expect((await pair()).state).toBe('in-sync'), patient);

  // Who is shown out comes again.
  const sockets = new Set<Socket>();
  let calls = 0;
  const call = () =>
    new Promise((resolve) => {
      if (calls++ > mostCalls) return;
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.once('connect', resolve).on('error', resolve);
      socket.once('close', () => sockets.delete(socket) && setTimeout(() => void call(), againMs));
    });
  onTestFinished(() => {
    calls = Infinity;
    sockets.forEach((socket) => socket.destroy());
  });
  await Promise.all(Array.from({ length: strangers }, call));
  // All that it has at the source is ended, and has to be made anew.
  const { source } = servers;
  const { user } = source.monitor;
  const sessions = async () =>
    (await source.query('SELECT id FROM information_schema.processlist WHERE user = ?', [user])).map(
      ({ id }) => Number(id),
    );
  const before = await sessions();
  expect(before).not.toEqual([]);
  for (const id of before) await source.query(`KILL ${id}`).catch(() => {});
  await vi.waitFor(async () => {
    expect((await sessions()).filter((id) => !before.includes(id))).not.toEqual([]);
  }, patient);
  const since = Date.now();
  // Who asks may be shown out, too, before they are heard.
  await vi.waitFor(async () => {
    const { state, lag } = await pair();
    expect(state).toBe('in-sync');
    expect(Date.parse(lag?.at ?? '')).toBeGreaterThan(since);
  }, patient);
  expect(program.stdout).not.toContain('EMFILE');
});
