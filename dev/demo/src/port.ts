import { freePort, isFree } from '@lockstep/servers';

/** The wanted port; `usual` or, where that is taken, a free one when none is wanted. */
export async function choosePort(wanted: number | null, usual: number): Promise<number> {
  if (await isFree(wanted ?? usual)) return wanted ?? usual;
  if (wanted !== null) throw new Error(`port ${wanted} is taken`);
  return freePort();
}
