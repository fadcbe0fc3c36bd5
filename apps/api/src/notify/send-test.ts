import { randomUUID } from 'node:crypto';
import type { Destination } from './destination.ts';
import { madeUp } from './made-up.ts';

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
  link: string | null,
  signal: AbortSignal,
): Promise<TestDelivery> {
  const { name } = destination;
  const began = performance.now();
  const alert = madeUp('test', {
    summary: 'Alerts of Lockstep arrive here',
    evidence: `${by} asked for this test; nothing is wrong`,
  });
  const key = `test/${randomUUID()}`;
  try {
    const refused = await destination.send(
      { key, event: 'test', alert, alerts: [alert], group: null, earlier: new Map(), link },
      signal,
    );
    const after = `accepted after ${Math.round(performance.now() - began)} ms`;
    return { name, ok: !refused, message: refused ? `${after}, in part: ${refused}` : after };
  } catch (error) {
    return { name, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
