import { freePort, isFree } from '@lockstep/servers';

/** The wanted port; 8080 or, where that is taken, a free one when none is wanted. */
export async function choosePort(wanted: number | null): Promise<number> {
  if (await isFree(wanted ?? 8080)) return wanted ?? 8080;
  if (wanted !== null) throw new Error(`port ${wanted} is taken`);
  return freePort();
}
