import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { describe, expect, test, vi } from 'vitest';
import { MINIMAL, writeFiles } from '../config/write.ts';
import { BIN, Program } from './program.ts';

/** A Node that cannot run the program itself, where this machine has one. */
const old = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => join(folder, 'node'))
  .find((node) => {
    try {
      return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]) < 22;
    } catch {
      return false;
    }
  });

/** Servers that refuse connections: the service runs all the same. */
function configurationOf(port: number, http = ''): string {
  const servers = MINIMAL.replace(/db\d\.example\.com/g, (host) => `127.0.0.1\n    port: ${host.charAt(2)}`);
  return `${servers}http: {port: ${port}${http}}\n`;
}

function configuration(port: number): string {
  return join(writeFiles({ 'lockstep.yaml': configurationOf(port) }), 'lockstep.yaml');
}

async function serving(node: string): Promise<{ program: Program; address: string; file: string }> {
  const port = await freePort();
  const file = configuration(port);
  const program = new Program(node, [BIN, 'serve', '--config', file]);
  await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
  return { program, address: `http://127.0.0.1:${port}`, file };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('lockstep serve', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('stops in order at %s and ends with 0', async (signal) => {
    const { program, address } = await serving(process.execPath);
    expect((await fetch(`${address}/api/health/live`)).status).toBe(200);
    program.child.kill(signal);
    expect([await program.ended, program.stderr]).toEqual([0, '']);
    const messages = lines(program.stdout).map(({ msg }) => msg);
    expect(messages[0]).toBe('starting');
    expect(messages).toContain(`stopping on ${signal}`);
    expect(messages.at(-1)).toBe('stopped');
    await expect(fetch(address)).rejects.toThrow();
  });

  test('goes on where its log goes to a disk that is full, and ends in order', async () => {
    const port = await freePort();
    const full = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, BIN];
    const program = new Program('sh', [...full, 'serve', '--config', configuration(port)]);
    await vi.waitFor(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/api/health/live`)).status).toBe(200);
    }, patient);
    program.child.kill('SIGTERM');
    expect([await program.ended, program.stderr]).toEqual([0, '']);
    const report = new Program('sh', [...full, 'completion', 'bash']);
    expect(await report.ended).toBe(3);
    expect(report.stderr).toContain('standard output could not be written: ENOSPC');
  });

  test('goes on where who reads its log has gone, and ends in order', async () => {
    const { program, address } = await serving(process.execPath);
    program.child.stdout?.destroy();
    program.child.stderr?.destroy();
    for (let line = 0; line < 3; line++) {
      // Each is a line of the log.
      program.child.kill('SIGHUP');
      expect((await fetch(`${address}/api/health/live`)).status).toBe(200);
    }
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });

  test('does not go on with a report that nobody reads to its end, and calls that no error', async () => {
    const piped = ['-o', 'pipefail', '-c', '"$0" "$@" | true', process.execPath, BIN];
    const report = new Program('bash', [...piped, 'completion', 'bash']);
    expect([await report.ended, report.stderr]).toEqual([141, '']);
  });

  test.skipIf(!old)('passes signal and exit on when an old Node hands over to the pinned one', async () => {
    const { program } = await serving(old ?? '');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(lines(program.stdout).at(-1)?.['msg']).toBe('stopped');
    const mistaken = new Program(old ?? '', [BIN, 'sevre']);
    expect(await mistaken.ended).toBe(3);
    expect(mistaken.stderr).toContain('Did you mean serve?');
  });

  test('stops when npm, which started it, is ended', async () => {
    const port = await freePort();
    const program = new Program('npm', ['exec', '--', 'lockstep', 'serve', '--config', configuration(port)]);
    await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
    program.child.kill('SIGTERM');
    await vi.waitFor(() => expect(program.stdout).toContain('"msg":"stopped"'), patient);
  });

  test('keeps those signed in who are, over a restart', async () => {
    const port = await freePort();
    const folder = writeFiles({
      'lockstep.yaml': `${configurationOf(port, ', auth: {tokens: [{name: anna, role: operator, token: a-token-of-annas}]}')}storage: {file: history.db}\n`,
    });
    const serve = async () => {
      const program = new Program(process.execPath, [
        BIN,
        'serve',
        '--config',
        join(folder, 'lockstep.yaml'),
      ]);
      await vi.waitFor(() => expect(program.stdout).toContain('listening on'), patient);
      return program;
    };
    const session = `http://127.0.0.1:${port}/api/session`;
    const first = await serve();
    const signedIn = await fetch(session, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'a-token-of-annas' }),
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = await serve();
    const who = (await (await fetch(session, { headers: { cookie } })).json()) as object;
    expect(who).toMatchObject({ name: 'anna', role: 'operator' });
    second.child.kill('SIGTERM');
    await second.ended;
  });

  test('says in its log why it cannot start, and ends with 1', async () => {
    const { file } = await serving(process.execPath);
    const second = new Program(process.execPath, [BIN, 'serve', '--config', file]);
    expect(await second.ended).toBe(1);
    const last = lines(second.stdout).at(-1);
    expect(last).toMatchObject({ level: 'fatal', msg: expect.stringMatching(/^cannot start: /) as string });
  });

  test('writes no password into its log, not even when everything is logged', async () => {
    const file = configuration(await freePort());
    const program = new Program(process.execPath, [BIN, 'serve', '--config', file], {
      LOCKSTEP_LOG__LEVEL: 'trace',
      LOCKSTEP_CONNECTION__FIRST_DELAY: '100ms',
    });
    await vi.waitFor(() => expect(program.stdout).toContain('no connection after 3 attempts'), patient);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.stdout).not.toContain('first-password');
  });
});
