import { freePort } from '@lockstep/servers/free-port';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EngineConfig } from '../../src/config.ts';
import { Glance } from '../../src/lag/glance.ts';
import { silent } from '../../src/log.ts';
import { connection, pairConfig, serverAt } from '../support/config.ts';

/** At two servers, neither of which is there. */
async function glance(signal = new AbortController().signal): Promise<Glance> {
  const port = await freePort();
  const server = (name: string) => serverAt(name, port);
  const looked = new Glance({
    engine: {
      servers: [server('source'), server('target')],
      connection: { ...connection, attempts: 1 },
      lag: { sampleIntervalMs: 100, statusIntervalMs: 100, timeoutMs: 100 },
    } as unknown as EngineConfig,
    pairs: [pairConfig([])],
    log: silent,
    signal,
  });
  onTestFinished(() => looked[Symbol.asyncDispose]());
  return looked;
}

test('servers that are not there are given up, and their pair is not waited for', async () => {
  const looked = await glance();
  await looked.start();
  expect(looked.servers.map(({ name, connected }) => [name, connected])).toEqual([
    ['source', false],
    ['target', false],
  ]);
  expect(looked.get('target')).toBe(looked.servers[1]);
  await vi.waitFor(() => expect(looked.lag.sample('pair')).toMatchObject({ lagMs: null }));
});

test('whoever does not want to wait any more waits no longer, for the lag or for histories', async () => {
  const looked = await glance(AbortSignal.abort());
  await looked.start();
  const histories = looked.historiesCompared(pairConfig([]), AbortSignal.abort());
  expect(await histories).toBeUndefined();
  expect(looked.lag.replication('pair')).toBeNull();
});

test('histories that nobody can compare are not waited for for ever', async () => {
  const looked = await glance();
  expect(await looked.historiesCompared(pairConfig([]), new AbortController().signal)).toBeUndefined();
});
