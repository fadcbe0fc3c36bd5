import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** What a process has used, as Linux counts it. */
export interface Usage {
  /** On the monotonic clock, in ms. */
  at: number;
  /** Processor time since its start, user and system, all threads. Ticks of 10 ms. */
  cpuMs: number;
  /** Resident now. */
  rssBytes: number;
}

const tickMs = 10;

export async function readUsage(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // Its second field, the name in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (!rss) throw new Error(`process ${pid} has ended`);
  return {
    at: performance.now(),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    rssBytes: Number(rss[1]) * 1024,
  };
}

/** Two a second for so long, the first at once. */
export async function watchUsage(pid: number, forMs: number): Promise<Usage[]> {
  const usages: Usage[] = [];
  for (let next = performance.now(), end = next + forMs; ; next += 500) {
    usages.push(await readUsage(pid));
    if (next + 500 > end) return usages;
    await pause(next + 500 - performance.now());
  }
}

/** Share of one core between the first and the last look. */
export function cpuShare(usages: readonly Usage[]): number {
  const [first, last] = [usages[0], usages.at(-1)];
  return first && last && last.at > first.at ? (last.cpuMs - first.cpuMs) / (last.at - first.at) : NaN;
}

/** The first and the last third of a watch. */
export function thirds<T>(items: readonly T[]): [T[], T[]] {
  const third = Math.max(2, Math.ceil(items.length / 3));
  return [items.slice(0, third), items.slice(-third)];
}

export function largestRss(usages: readonly Usage[]): number {
  return Math.max(...usages.map(({ rssBytes }) => rssBytes));
}
