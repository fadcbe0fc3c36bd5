import { freePort, isFree } from '@lockstep/servers';

/** The wanted port; `usual` or, where that is taken, a free one when none is wanted. */
export async function choosePort(wanted: number | null, usual: number): Promise<number> {
  if (await isFree(wanted ?? usual)) return wanted ?? usual;
  if (wanted !== null) throw new Error(`port ${wanted} is taken`);
  return freePort();
}

/** Serves at the usual port or, where another program is there or comes in the same moment, at a free one. */
export async function servedAt<Served>(
  usual: number,
  serve: (port: number) => Promise<Served>,
): Promise<Served> {
  try {
    return await serve(usual);
  } catch (error) {
    if (!isTaken(error)) throw error;
    return serve(await freePort());
  }
}

function isTaken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'EADDRINUSE') || isTaken(error.cause);
}
