import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { patient, unhurriedMs } from '@lockstep/servers/patience';
import { flavours, freshSchema } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { serverConfig } from '../support/config.ts';

const name = 'db.lockstep.test';
/** As long as a link that is none of the fastest takes; what was not let in is sent again after a second. */
const heldMs = 500;

/** A port at which nobody is let in for a while from each time that the name is looked up. */
async function heldDoor(to: number): Promise<{ port: number; lookUp: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'children/door.ts'), String(to)]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(printed);
  const lookUp = async () => {
    child.kill('SIGSTOP');
    const guests: Socket[] = [];
    for (let isFull = false; !isFull;) {
      const guest = connect(port, '127.0.0.1').on('error', () => undefined);
      guests.push(guest);
      isFull = await Promise.race([once(guest, 'connect').then(() => false), delay(100, true)]);
    }
    setTimeout(() => {
      for (const guest of guests) guest.destroy();
      child.kill('SIGCONT');
    }, heldMs);
  };
  return { port, lookUp };
}

describe.each(flavours)('on %s', (flavour) => {
  test('an address that takes its time is waited for, though the name has a second one that leads nowhere', async () => {
    const { source } = await freshSchema(flavour);
    const { port, lookUp } = await heldDoor(source.port);
    const system = dns.lookup;
    const spy = vi.spyOn(dns, 'lookup').mockImplementation(((host: string, options: never, done: never) => {
      if (host !== name) system(host, options, done);
      else {
        const addresses = [
          { address: '127.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ];
        void lookUp().then(() => (done as (error: null, found: typeof addresses) => void)(null, addresses));
      }
    }) as typeof dns.lookup);
    onTestFinished(() => spy.mockRestore());
    await vi.waitFor(async () => {
      const config = { ...serverConfig('db', source, port), host: name };
      const limits = { lockWaitSeconds: 5, statementMs: 5000 };
      const opened = await SqlConnection.open(config, limits, unhurriedMs, new AbortController().signal);
      opened.destroy();
    }, patient);
    expect(spy).toHaveBeenCalled();
  });
});
