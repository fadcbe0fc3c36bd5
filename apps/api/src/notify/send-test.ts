import { randomUUID } from 'node:crypto';
import type { Alert } from '@lockstep/checks';
import type { Destination } from './destination.ts';

/** What became of a test of one destination. */
export interface TestDelivery {
  name: string;
  ok: boolean;
  /** For a person; holds no address. */
  message: string;
}

/** One attempt to tell a destination that this is a test. Never rejects. */
export async function sendTest(
  destination: Destination,
  by: string,
  signal: AbortSignal,
): Promise<TestDelivery> {
  const { name } = destination;
  const began = performance.now();
  try {
    await destination.send({ key: `test/${randomUUID()}`, event: 'test', alert: madeUp(by) }, signal);
    return { name, ok: true, message: `accepted after ${Math.round(performance.now() - began)} ms` };
  } catch (error) {
    return { name, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Of the mildest severity, lest something that does not look at `event` wakes somebody. */
function madeUp(by: string): Alert {
  const now = new Date();
  return {
    id: 'test',
    fingerprint: 'test',
    rule: 'lag',
    severity: 'INFO',
    state: 'firing',
    pair: null,
    server: null,
    table: null,
    tableName: null,
    summary: 'Alerts of Lockstep arrive here',
    evidence: `${by} asked for this test; nothing is wrong`,
    startedAt: now,
    firedAt: now,
    updatedAt: now,
    resolvedAt: null,
    noData: false,
    acknowledged: null,
    silencedUntil: null,
    inhibitedBy: null,
  };
}
