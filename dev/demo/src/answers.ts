import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { patienceMs } from '@lockstep/servers/patience';

/** Resolves when the address answers well or the process has ended; rejects after `patienceMs` with what it said. */
export async function answers(child: ChildProcess, name: string, address: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) return;
    if (performance.now() > deadline) {
      const said = response ? await response.text() : 'no answer';
      throw new Error(`${name} is not healthy after ${patienceMs / 1000} s: ${said}`);
    }
    await pause(50);
  }
}
