import { performance } from 'node:perf_hooks';
import { onTestFinished, vi } from 'vitest';
import type { ReplicationRoute } from '../../../src/position/replication-route.ts';
import { ReplicationBarrier } from '../../../src/verify/settle/replication-barrier.ts';
import { facts } from '../../support/replication.ts';
import { answering, type Answers, route } from '../../support/servers-that-answer.ts';

/** The UUIDs of the servers a and b. */
export const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
export const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';
export const mysql = (uuid: string) => facts('mysql', { uuid });
export const mariadb = (serverId: string) => facts('mariadb', { serverId });
export const { signal } = new AbortController();
export const at = (text: string) => ({ kind: 'mysql-gtid', text }) as const;

/** A barrier between a and b, which answer as told; `goes` changes the way that is known between them. */
export function between(
  source: Answers,
  target: Answers,
  by: ReplicationRoute | null = route(),
  { flavour = 'mysql', waitMs = 30 }: { flavour?: 'mysql' | 'mariadb'; waitMs?: number } = {},
) {
  const is = flavour === 'mysql' ? [mysql(a), mysql(b)] : [mariadb('1'), mariadb('2')];
  const [s, t] = [answering('a', is[0]!, source), answering('b', is[1]!, target)];
  let now = by;
  const barrier = new ReplicationBarrier({
    source: s.server,
    target: t.server,
    route: () => now,
    waitMs,
    settleMs: 7,
  });
  return { barrier, source: s, target: t, goes: (next: ReplicationRoute | null) => (now = next) };
}

/** Time that passes by the pauses alone, so that no test waits for it. */
export function quickly() {
  let ms = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (ms += 400));
  onTestFinished(() => clock.mockRestore());
  return { passed: () => ms };
}
