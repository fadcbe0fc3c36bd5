import { type AddressInfo, createServer, type Server as Listener } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../src/log.ts';
import { ConnectionManager } from '../../src/server/connection-manager.ts';
import { hurried, reachAll } from '../../src/server/reach.ts';
import { connection } from '../support/config.ts';

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

test('a frozen server is given up after the attempts that are configured, and that many are told', async () => {
  const { port, asked } = await frozen();
  const attempts = { ...hurried(defaults), connectTimeoutMs: 50 };
  const manager = new ConnectionManager({
    servers: [
      {
        name: 'frozen',
        host: '127.0.0.1',
        port,
        user: 'u',
        password: () => Promise.resolve('p'),
        tls: null,
        serverPublicKey: null,
      },
    ],
    connection: attempts,
    log: silent,
    onChange: () => undefined,
  });
  onTestFinished(() => manager.stop());
  manager.start();
  const why = await reachAll([manager.get('frozen')], attempts, new AbortController().signal);
  expect(why).toMatch(
    /^frozen was not reached in 3 attempts within .+: no answer within the connect timeout/,
  );
  // Another one, in its own time, may be under way by now.
  expect(asked()).toBeGreaterThanOrEqual(3);
});

test('by default these attempts, each to its end, and the pauses between them take less than 18 s', () => {
  const { connectTimeoutMs, attempts, firstDelayMs, maxDelayMs } = hurried(defaults);
  const pauses = [firstDelayMs, Math.min(maxDelayMs, 2 * firstDelayMs)];
  expect(pauses).toHaveLength(attempts - 1);
  expect(attempts * connectTimeoutMs + pauses.reduce((sum, ms) => sum + ms)).toBeLessThan(18_000);
});
