import { type AddressInfo, createServer, type Server as Listener } from 'node:net';
import { patient } from '@lockstep/servers/patience';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ConnectionConfig } from '../../src/config.ts';
import { verifyOnce } from '../../src/engine/verify-once.ts';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { GivenUp, hurried, reachAll, reachMs } from '../../src/server/reach.ts';
import { connection, pairConfig, serverAt } from '../support/config.ts';
import { engineConfig } from '../support/engine.ts';

/** What is configured unless somebody says otherwise. */
const defaults = {
  ...connection,
  connectTimeoutMs: 5000,
  attempts: 3,
  firstDelayMs: 5000,
  maxDelayMs: 60_000,
};

/** Takes connections and says nothing, as a server does that was frozen. */
async function frozen(): Promise<{ port: number; asked: () => number }> {
  let count = 0;
  const listener: Listener = createServer((socket) => {
    count++;
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  return { port: (listener.address() as AddressInfo).port, asked: () => count };
}

function managerOf(port: number, config: ConnectionConfig): ConnectionManager {
  const manager = new ConnectionManager({
    servers: [serverAt('frozen', port)],
    connection: config,
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  return manager;
}

test('a frozen server is given up after the attempts that are configured, and that many are told', async () => {
  const { port, asked } = await frozen();
  const attempts = { ...hurried(defaults), connectTimeoutMs: 50 };
  const manager = managerOf(port, attempts);
  manager.start();
  const [unreached] = await reachAll([manager.get('frozen')], attempts, new AbortController().signal);
  expect(unreached?.why).toMatch(
    /^frozen was not reached in 3 attempts within .+: no answer within the connect timeout/,
  );
  // Another one, in its own time, may be under way by now.
  expect(asked()).toBeGreaterThanOrEqual(3);
});

test('one that would be tried too often is given up when the time is over, with the attempts that ended', async () => {
  const { port } = await frozen();
  const often = { ...hurried(defaults), connectTimeoutMs: 50, attempts: 100 };
  const manager = managerOf(port, often);
  manager.start();
  const [unreached] = await reachAll([manager.get('frozen')], often, new AbortController().signal, 0);
  expect(unreached?.why).toMatch(/^frozen was not reached in [12] attempts? within .+: no answer/);
});

test('one of which no attempt came to an end yet is not given up as soon as others are', async () => {
  const { port } = await frozen();
  const slow = { ...hurried(defaults), connectTimeoutMs: 300 };
  const manager = managerOf(port, slow);
  const late = setTimeout(() => manager.start(), 1_500);
  onTestFinished(() => clearTimeout(late));
  const [unreached] = await reachAll([manager.get('frozen')], slow, new AbortController().signal, 0);
  expect(unreached?.why).toMatch(/^frozen was not reached in 1 attempt within .+: no answer/);
});

test('by default two attempts at a silent server come to their end, and a person waits 11 s for them', () => {
  const { connectTimeoutMs, firstDelayMs } = hurried(defaults);
  expect(2 * connectTimeoutMs + firstDelayMs).toBeLessThan(reachMs);
  expect(reachMs).toBeLessThanOrEqual(11_000);
});

test('who was given up a moment ago is not waited for again by the next pair of the same command', async () => {
  const [first, second, dead] = [await frozen(), await frozen(), await frozen()];
  const givenUp = new GivenUp();
  const verify = (source: { port: number }) =>
    verifyOnce({
      engine: {
        ...engineConfig({ servers: {}, pairs: [] }),
        servers: [serverAt('source', source.port), serverAt('dead', dead.port)],
        connection: { ...connection, connectTimeoutMs: 50, attempts: 1 },
      },
      pair: pairConfig([], { target: 'dead' }),
      only: null,
      signal: new AbortController().signal,
      givenUp,
      log: silent,
      onProgress: () => undefined,
      onResult: () => undefined,
    });
  const wasDead = expect.stringContaining('dead was not reached in 1 attempt') as string;
  expect(await verify(first)).toMatchObject({ state: 'failed', evidence: wasDead });
  expect([first.asked() > 0, dead.asked() > 0]).toEqual([true, true]);
  const before = dead.asked();
  expect(await verify(second)).toMatchObject({ state: 'failed', evidence: wasDead });
  expect([second.asked(), dead.asked()]).toEqual([0, before]);
});

test('what is left alone for an hour is tried at once when the configuration is taken up again, as it was', async () => {
  let asked = 0;
  const listener = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  const { port } = listener.address() as AddressInfo;
  const patiently = { ...defaults, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
  const manager = managerOf(port, patiently);
  manager.start();
  await vi.waitFor(
    () => expect(manager.state('frozen')?.evidence).toMatch(/attempt 1 of 3 .+; next in/),
    patient,
  );
  expect(asked).toBe(1);
  manager.reconfigure([manager.get('frozen').config], patiently, new Map());
  await vi.waitFor(
    () => expect(manager.state('frozen')?.evidence).toMatch(/attempt 2 of 3 .+; next in/),
    patient,
  );
  expect(asked).toBe(2);
});
