import { unhurriedMs } from '@lockstep/servers/patience';
import { flavours, sharedPair } from '@lockstep/servers/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Lane } from '../../src/server/lane.ts';
import { SqlConnection } from '../../src/server/sql-connection.ts';
import { systemClock } from '../../src/time/clock.ts';
import { serverConfig } from '../support/config.ts';

const limits = { lockWaitSeconds: 1, statementMs: unhurriedMs };
const timeoutMs = 2_000;

/** As a process is that was stopped, or has no processor: it does nothing, and its timers are due all the same. */
function holdUp(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.5 * timeoutMs);
}

describe.each(flavours)('on %s', (flavour) => {
  test('a server that answered while this process was held up did not answer late', async () => {
    const { source } = await sharedPair(flavour);
    const abandoned: SqlConnection[] = [];
    const lane = new Lane({
      server: 'db',
      size: 1,
      idleMs: 60_000,
      clock: systemClock,
      open: (signal) => SqlConnection.open(serverConfig('db', source), limits, unhurriedMs, signal),
      onAbandoned: (connection) => abandoned.push(connection),
      onBroken: () => undefined,
    });
    await lane.query('SELECT 1', [], unhurriedMs);
    const answer = lane.queryTogether(['SELECT SLEEP(0.1) AS slept'], timeoutMs);
    holdUp();
    const [rows] = await answer;
    expect(rows).toHaveLength(1);
    expect(abandoned).toEqual([]);
  });

  test('a login that was answered while this process was held up is not late', async () => {
    const { source } = await sharedPair(flavour);
    const { signal } = new AbortController();
    const opening = SqlConnection.open(serverConfig('db', source), limits, timeoutMs, signal);
    holdUp();
    const connection = await opening;
    onTestFinished(() => connection.destroy());
    expect(connection.closed).toBe(false);
  });
});
