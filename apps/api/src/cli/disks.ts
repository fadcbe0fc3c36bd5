import { setTimeout as delay } from 'node:timers/promises';

const patienceMs = 1_000;
const lookMs = 20;

/** A process ends no sooner than those threads of the system's that read or write a file for it. */
const filesAreUnderWay = () => process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));

/** Whatever is being read has come to its end; or it does not in a second. */
export async function filesAreDone(): Promise<void> {
  const end = performance.now() + patienceMs;
  while (filesAreUnderWay() && performance.now() < end) await delay(lookMs);
}

/** From now on the process ends also where a disk does not answer, though nobody hears its exit code then. */
export function endInSpiteOfDisks(): void {
  process.on('exit', () => {
    if (filesAreUnderWay()) process.kill(process.pid, 'SIGKILL');
  });
}
