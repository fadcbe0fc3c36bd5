import type { Lane } from './lane.ts';
import { isReadOnly } from './session.ts';

export interface Pulse {
  readOnly: boolean;
  /** The server's clock, `YYYY-MM-DD hh:mm:ss.mmm`; empty where it did not say. */
  utc: string;
}

/** Asks whether the server is there, and by the way what it is to writers now. Rejects with a ServerFault. */
export async function ping(lane: Lane, timeoutMs: number, signal: AbortSignal): Promise<Pulse> {
  const [row] = await lane.query(
    'SELECT @@global.read_only AS read_only, @@global.innodb_read_only AS innodb_read_only, UTC_TIMESTAMP(3) AS utc',
    [],
    timeoutMs,
    signal,
    { quick: true },
  );
  const told = new Map(Object.entries(row ?? {}).map(([name, value]) => [name, String(value)]));
  return { readOnly: isReadOnly(told), utc: told.get('utc') ?? '' };
}
