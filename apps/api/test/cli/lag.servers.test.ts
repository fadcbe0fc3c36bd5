import { join } from 'node:path';
import { type ServerHandle, startPair, stopReplica } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, test, vi } from 'vitest';
import { writeFiles } from '../config/write.ts';
import { lockstep } from './program.ts';
import { cli } from './run.ts';

const server = ({ host, port, monitor }: ServerHandle) =>
  JSON.stringify({ host, port, user: monitor.user, password: monitor.password });

function configure(source: ServerHandle, target: ServerHandle): string {
  const text = `servers: { first: ${server(source)}, second: ${server(target)} }
pairs:
  - { name: real, source: first, target: second }
  - { name: dead, source: first, target: { host: 127.0.0.1, port: 1, user: u, password: p } }
connection: { attempts: 1, firstDelay: 100ms }
`;
  return join(writeFiles({ 'lockstep.yaml': text }), 'lockstep.yaml');
}

/** What it says once the lag is known: one look on a busy machine may not know it. */
function known(args: string[]): ReturnType<typeof cli> {
  return vi.waitFor(async () => {
    const ran = await cli(args);
    expect(ran.code).not.toBe(3);
    return ran;
  }, patient);
}

describe.each(flavours)('%s: lockstep lag', (flavour) => {
  test('says a line a pair, and ends as Nagios has it', async () => {
    const { source, target } = await freshSchema(flavour);
    const file = configure(source, target);
    const real = await known(['lag', '-c', file, '--pair', 'real']);
    expect(real).toMatchObject({ code: 0, stderr: '' });
    expect(real.stdout).toMatch(/^✓ real {2} +[\d.]+ s {2}in-sync +has all changes of first/);
    const both = await cli(['lag', '-c', file]);
    expect(both.code).toBe(3);
    expect(both.stdout).toMatch(/^\? dead {2} +unknown {2}unknown .*connection refused/m);
    const nagios = await known(['lag', '-c', file, '--nagios', '--pair', 'real', '--critical', '30s']);
    expect(nagios.code).toBe(0);
    expect(nagios.stdout).toMatch(/^LAG OK - real [\d.]+ s \| 'real'=\d+\.\d{3}s;10;30;0\n$/);
    const unknown = await cli(['lag', '-c', file, '--nagios']);
    expect(unknown.code).toBe(3);
    expect(unknown.stdout).toMatch(/^LAG UNKNOWN - dead unknown: .*; real [\d.]+ s \| .*'dead'=U;10;60;0\n$/);
  });

  test('is critical where replication stands still', async () => {
    await using pair = await startPair({ flavour });
    const file = configure(pair.source, pair.target);
    await stopReplica(pair.target);
    const { code, stdout } = await known(['lag', '-c', file, '--nagios', '--pair', 'real']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^LAG CRITICAL - real stopped: .*receiver and applier are stopped/);
  });

  test('goes on with --watch until it is told to stop', async () => {
    const { source, target } = await freshSchema(flavour);
    const program = lockstep(['lag', '-c', configure(source, target), '--pair', 'real', '--watch', '0.1']);
    await vi.waitFor(() => expect(program.stdout.split('\n').length).toBeGreaterThan(4), patient);
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
  });
});
