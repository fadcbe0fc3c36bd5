import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when the address answers well or the process has ended; rejects after 30 s, with the last answer. */
export async function answers(child: ChildProcess, name: string, address: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (child.exitCode === null && child.signalCode === null) {
    const response = await fetch(address).catch(() => null);
    if (response?.ok) return;
    if (performance.now() > deadline) {
      throw new Error(`${name} is not healthy after 30 s: ${response ? await response.text() : 'no answer'}`);
    }
    await pause(50);
  }
}
