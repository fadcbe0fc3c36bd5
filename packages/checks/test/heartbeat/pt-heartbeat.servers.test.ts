import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { caughtUp, createMonitorUser, type ServerHandle, startPair } from '@lockstep/servers';
import { patient } from '@lockstep/servers/patience';
import { flavours } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { pairConfig } from '../support/config.ts';
import { startEngine } from '../support/engine.ts';

const there = spawnSync('pt-heartbeat', ['--version']).status === 0;

/** As its manual has it run. `TZ` is where it runs: without `--utc` it writes local time. */
function ptHeartbeat(server: ServerHandle, database: string, options: string[]): ChildProcess {
  const child = spawn(
    'pt-heartbeat',
    [
      '--update',
      `--database=${database}`,
      '--interval=0.2',
      '--no-version-check',
      `--sentinel=/tmp/${database}-sentinel`,
      '--host=127.0.0.1',
      `--port=${server.port}`,
      `--user=${server.rootUser}`,
      `--password=${server.rootPassword}`,
      ...options,
    ],
    { env: { ...process.env, TZ: 'Asia/Kathmandu' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => stop(child));
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

describe.each(flavours)('a real pt-heartbeat on %s', (flavour) => {
  test.skipIf(!there)(
    `${there ? '' : '(skipped: pt-heartbeat is not on PATH) '}is read with --utc and without, and is unknown when it ends`,
    async () => {
      await using pair = await startPair({ flavour });
      const database = `pt_${randomBytes(6).toString('hex')}`;
      await pair.source.query(`CREATE DATABASE ${database}`);
      // It asks for SHOW MASTER STATUS, which MySQL has no more, unless the table has no room for the answer.
      if (flavour === 'mysql') {
        await pair.source.query(
          `CREATE TABLE ${database}.heartbeat (ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY)`,
        );
      }
      await caughtUp(pair.source, pair.target);
      await createMonitorUser(pair.source, [database]);
      await createMonitorUser(pair.target, [database]);

      const { engine, events } = startEngine({
        servers: { source: pair.source, target: pair.target },
        pairs: [
          pairConfig([`${database}.none`], {
            heartbeat: { table: `${database}.heartbeat`, utc: false, serverId: null, intervalMs: 200 },
          }),
        ],
      });
      const reading = () => engine.pair('pair')?.heartbeat;

      for (const options of [['--utc'], []]) {
        const child = ptHeartbeat(pair.source, database, [...options, '--create-table', '--replace']);
        const said: string[] = [];
        child.stderr?.on('data', (data: Buffer) => said.push(String(data)));
        await vi.waitFor(() => {
          expect(said.join('')).toBe('');
          expect(reading()).toMatchObject({ lagMs: 0, clock: 'writer' });
        }, patient);
        expect(reading()?.uncertaintyMs).toBeLessThan(60_000);
        await stop(child);
        await vi.waitFor(
          () => expect(reading()?.evidence).toContain('the heartbeat on source has not been written for'),
          patient,
        );
      }
      // What is told is told to everybody, and beside the lag: it is not the lag.
      expect(events.some(({ type, pair: of }) => type === 'heartbeat' && of === 'pair')).toBe(true);
      expect(engine.pair('pair')?.lag).toMatchObject({ lagMs: 0 });
      expect(engine.pair('pair')?.state).toBe('in-sync');
    },
  );
});
