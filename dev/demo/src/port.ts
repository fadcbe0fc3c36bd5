import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '@lockstep/servers';

/** The wanted port; 8080 or, where that is taken, a free one when none is wanted. */
export async function choosePort(wanted: number | null): Promise<number> {
  if (await isFree(wanted ?? 8080)) return wanted ?? 8080;
  if (wanted !== null) throw new Error(`port ${wanted} is taken`);
  return freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
