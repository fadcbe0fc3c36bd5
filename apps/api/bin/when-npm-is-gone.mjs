import { readFileSync } from 'node:fs';

/**
 * npm and its shell pass no SIGTERM on to what they started, they just end; nobody wants that to go on without them.
 * Calls `act` once when that happens; does nothing where npm did not start this process.
 */
export function whenNpmIsGone(act) {
  if (!process.env.npm_lifecycle_event) return;
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`;
  const atStart = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === atStart) return;
    clearInterval(watch);
    act();
  }, 500).unref();
}

/** The number of a process's parent; null where the system does not tell. */
function parentOf(pid) {
  try {
    // The second field, the name in brackets, may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1];
  } catch {
    return null;
  }
}
