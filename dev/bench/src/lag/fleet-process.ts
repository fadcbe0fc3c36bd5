import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FleetQuestion, FleetState, Intervals } from './fleet-child.ts';

export interface FleetProcess {
  pid: number;
  intervals(without: string | null): Promise<Intervals>;
  state(): Promise<FleetState>;
  /** Resolves with the ms it took, from now, until the state is so; rejects after `timeoutMs`. */
  until(is: (state: FleetState) => boolean, timeoutMs: number): Promise<number>;
  /** As a crash. */
  kill(): Promise<void>;
}

export function startFleet(config: string): FleetProcess {
  const child = fork(fileURLToPath(new URL('fleet-child.ts', import.meta.url)));
  child.send({ kind: 'start', config } satisfies FleetQuestion);
  const state = () => ask<FleetState>(child, { kind: 'state' });
  return {
    pid: child.pid as number,
    intervals: (without) => ask<Intervals>(child, { kind: 'intervals', without }),
    state,
    async until(is, timeoutMs) {
      const began = performance.now();
      for (;;) {
        const now = await state();
        const took = performance.now() - began;
        if (is(now)) return took;
        if (took > timeoutMs) {
          throw new Error(`after ${timeoutMs} ms ${now.known} pairs are known and ${now.unknown} unknown`);
        }
        await pause(10);
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** One question at a time. */
async function ask<Answer>(child: ChildProcess, question: FleetQuestion): Promise<Answer> {
  if (child.exitCode !== null) throw new Error(`the fleet's process ended with ${child.exitCode}`);
  const answer = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  child.send(question);
  return ((await answer) as [Answer])[0];
}
